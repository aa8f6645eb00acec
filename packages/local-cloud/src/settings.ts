import { LocalCloudError } from './errors.ts';

/**
 * `MILLRACE_ASYNC_RETRY_SECONDS`: the delays before the retries of an asynchronous invocation, in
 * seconds and separated by commas (`1,2`; the last one repeats), instead of AWS's 60 and 120.
 *
 * @returns milliseconds; undefined where nothing is set
 * @throws LocalCloudError SETTING_INVALID
 */
export function asyncRetryDelaysMs(env: NodeJS.ProcessEnv): readonly number[] | undefined {
  const value = env.MILLRACE_ASYNC_RETRY_SECONDS;
  if (value === undefined || value === '') return undefined;
  const seconds = value.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (seconds.every((one) => one >= 0 && one <= 21_600)) return seconds.map((one) => one * 1_000);
  throw new LocalCloudError(
    'SETTING_INVALID',
    `MILLRACE_ASYNC_RETRY_SECONDS=${value} is not usable: give the delay before each retry in seconds (at most 21600), separated by commas, for example 1,2.`,
  );
}
