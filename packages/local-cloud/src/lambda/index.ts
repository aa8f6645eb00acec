export {
  type AsyncInvocationsRunner,
  AWS_RETRY_DELAYS_MS,
  createAsyncInvocations,
} from './async-invocations.ts';
export { MAX_CONCURRENCY_PER_FUNCTION } from './concurrency.ts';
export { functionArn, functionNameOfArn, LOCAL_ACCOUNT, LOCAL_REGION } from './function-arn.ts';
export { createFunctionRegistry, type FunctionRegistry } from './function-registry.ts';
export { createInvoker, type Invoker, MAX_INVOCATION_BYTES } from './invoker.ts';
export type { Log } from './log.ts';
