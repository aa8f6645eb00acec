import type { FunctionAnswer } from '../../lambda/channel/function-answer.ts';

/** What a sandbox is started with. */
export interface SandboxSettings {
  readonly functionName: string;
  /** `<file without extension>.<export>` below `folder`, as serverless.yml declares it. */
  readonly handler: string;
  readonly folder: string;
  readonly memoryMb: number;
}

/** To the sandbox; it gets the next one only after its answer. */
export interface SandboxInvocation {
  readonly requestId: string;
  /** JSON. */
  readonly payload: string;
  readonly timeoutMs: number;
}

export type SandboxMessage =
  /** Once, when the handler's module has been loaded. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'answered'; readonly answer: FunctionAnswer }
  /** The handler could not be loaded: this sandbox will never work. */
  | { readonly kind: 'unusable'; readonly answer: FunctionAnswer };
