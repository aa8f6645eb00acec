/** Up to so many digits any decimal number survives being a double. */
const SAFE_DIGITS = 15;
/** Below, doubles have fewer digits. */
const SMALLEST = 1e-290;

export const MIN_INT64 = -(2n ** 63n);
export const MAX_INT64 = 2n ** 63n - 1n;

/** Whether a decimal number, as it is written in `text`, can be told from `value` again. */
export function isExact(text: string, value: number): boolean {
  if (text.length <= SAFE_DIGITS && !/e/i.test(text)) return true;
  if (String(value) === text) return true;
  const [mantissa = ''] = text.toLowerCase().split('e');
  const digits = mantissa.replace(/[-+.]/g, '').replace(/^0+|0+$/g, '');
  if (digits === '') return true;
  return digits.length <= SAFE_DIGITS && Number.isFinite(value) && Math.abs(value) >= SMALLEST;
}
