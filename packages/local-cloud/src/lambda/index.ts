export { type AsyncInvocationsRunner, createAsyncInvocations } from './async-invocations.ts';
export { createFunctionRegistry, type FunctionRegistry } from './function-registry.ts';
export { createInvoker } from './invoker.ts';
export type { Log } from './log.ts';
