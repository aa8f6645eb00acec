import type { AnswerStatus } from './messages.ts';

/** What an invocation came to; the body is the JSON of the result, or of Lambda's error object. */
export interface FunctionAnswer {
  readonly status: AnswerStatus;
  readonly body: string;
}

/** What `work` returns or throws, as Lambda tells it. Never rejects. */
export async function answerOf(work: () => unknown): Promise<FunctionAnswer> {
  let result: unknown;
  try {
    result = await work();
  } catch (error) {
    return thrown(error);
  }
  try {
    // A function that returns nothing answers `null`.
    return { status: 'success', body: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    return functionError('Runtime.MarshalError', `Unable to stringify response body: ${error}`, []);
  }
}

/** What a function threw, also where it is no error. */
export function thrown(error: unknown): FunctionAnswer {
  if (!(error instanceof Error)) return functionError(typeof error, String(error), []);
  return functionError(error.name, error.message, error.stack?.split('\n') ?? []);
}

/**
 * The payload of a function error; errors of the platform have no trace.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
export function functionError(
  errorType: string,
  errorMessage: string,
  trace?: readonly string[],
): FunctionAnswer {
  const body = JSON.stringify({ errorType, errorMessage, ...(trace && { trace }) });
  return { status: 'function-error', body };
}
