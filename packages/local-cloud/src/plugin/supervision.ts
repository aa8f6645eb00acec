import type { LocalCloudError } from '../errors.ts';

/** What a service tells the process that started it (`startStack`), over the channel between them. */
export type ServiceMessage =
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'ready'; readonly apiUrl?: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

export interface Supervision {
  /** Whether `startStack` started this process. */
  readonly active: boolean;
  tell(message: ServiceMessage): void;
  /** Tells of the failure, then ends this process with exit code 1. */
  fail(error: LocalCloudError): void;
}

export const supervisedVariable = 'MILLRACE_SUPERVISED';

/**
 * A supervised service ends with its supervisor: when the channel closes, the supervisor is gone,
 * however it ended.
 */
export function createSupervision(env: NodeJS.ProcessEnv): Supervision {
  const active = env[supervisedVariable] === '1' && process.send !== undefined;
  if (active) {
    process.once('disconnect', () => process.exit(0));
    // Listening must not keep a process alive that the framework has given up.
    process.channel?.unref();
  }
  const tell = (message: ServiceMessage) => {
    if (active && process.connected) process.send?.(message);
  };
  return {
    active,
    tell,
    fail(error) {
      process.stderr.write(`millrace: ${error.message} [${error.code}]\n`);
      tell({ kind: 'failed', code: error.code, message: error.message });
      // One turn of the event loop lets the message leave.
      setTimeout(() => process.exit(1), 20);
    },
  };
}
