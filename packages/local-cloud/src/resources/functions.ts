import type { FunctionDefinition, FunctionRegistration } from '../ports.ts';
import { isRecord } from './intrinsics.ts';
import { arn, type StackNaming } from './names.ts';

/**
 * A registered function with its asynchronous settings resolved. Lambda's defaults: two retries,
 * six hours. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export function defineFunction(
  registration: FunctionRegistration,
  functions: readonly FunctionRegistration[],
  naming: StackNaming,
  resolve: (value: unknown) => unknown,
): FunctionDefinition {
  const target = (value: unknown) => destinationArn(resolve(value), functions, naming);
  const onFailureArn = target(registration.destinations?.onFailure);
  const onSuccessArn = target(registration.destinations?.onSuccess);
  return {
    name: registration.name,
    service: naming.service,
    timeoutSeconds: registration.timeoutSeconds,
    memoryMb: registration.memoryMb,
    ...(registration.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrency: registration.reservedConcurrency }),
    async: {
      maximumRetryAttempts: registration.maximumRetryAttempts ?? 2,
      maximumEventAgeSeconds: registration.maximumEventAge ?? 21_600,
      ...(onFailureArn === undefined ? {} : { onFailureArn }),
      ...(onSuccessArn === undefined ? {} : { onSuccessArn }),
    },
  };
}

/** A destination is an ARN, `{type, arn}`, or the key of a function of the same service. */
function destinationArn(
  value: unknown,
  functions: readonly FunctionRegistration[],
  naming: StackNaming,
): string | undefined {
  const reference = isRecord(value) ? value.arn : value;
  if (typeof reference !== 'string' || reference === '') return undefined;
  if (reference.startsWith('arn:')) return reference;
  const sibling = functions.find(({ key }) => key === reference);
  return arn(naming, 'lambda', `function:${sibling?.name ?? reference}`);
}
