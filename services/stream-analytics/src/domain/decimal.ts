/**
 * An exact decimal as a whole number of 10⁻¹⁸. Sums of readings must not depend on the order in
 * which they arrive, which binary floating point cannot promise (0.1 + 0.2).
 *
 * 18 decimals leave 20 digits before the point within the 38 that DynamoDB keeps
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html):
 * 100,000 readings a minute of the largest value that the schema takes (10¹⁵).
 */
export type Decimal = bigint;

const DECIMALS = 18;
const ONE = 10n ** BigInt(DECIMALS);
const MILLIONTH = ONE / 1_000_000n;

export const ZERO: Decimal = 0n;

export function decimalOfInteger(value: bigint): Decimal {
  return value * ONE;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/**
 * The decimal that a JSON number stands for: the shortest text that reads back as the same double.
 * What is finer than 10⁻¹⁸ is rounded there, half away from zero, once and before anything is added.
 *
 * @throws RangeError for NaN and the infinities, which JSON cannot hold.
 */
export function decimalOf(value: number): Decimal {
  if (Number.isSafeInteger(value)) return BigInt(value) * ONE;
  const millionths = Math.round(value * 1e6);
  // Decimals of at most 15 digits never share a double: this is the only one, and so the shortest.
  if (Math.abs(millionths) < 1e15 && millionths / 1e6 === value) {
    return BigInt(millionths) * MILLIONTH;
  }
  const parts = NUMBER.exec(String(value));
  if (!parts) throw new RangeError(`${value} is no decimal`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  const units = scaled(BigInt(whole + fraction), Number(exponent) - fraction.length + DECIMALS);
  return sign === '-' ? -units : units;
}

function scaled(digits: bigint, shift: number): bigint {
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (digits + divisor / 2n) / divisor;
}

/** Plain digits, no exponent, no trailing zeros: `-0.25`, `1200`. */
export function decimalText(value: Decimal): string {
  const magnitude = value < 0n ? -value : value;
  const whole = String(magnitude / ONE);
  const fraction = String(magnitude % ONE)
    .padStart(DECIMALS, '0')
    .replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}${fraction && `.${fraction}`}`;
}

const PLAIN = /^(-?)(\d+)(?:\.(\d{1,18}))?(?:E([+-]?\d+))?$/;

/**
 * @param text as `decimalText` writes it, or as DynamoDB does.
 * @throws RangeError where it is none.
 */
export function parseDecimal(text: string): Decimal {
  const parts = PLAIN.exec(text);
  if (!parts) throw new RangeError(`${text.slice(0, 60)} is no plain decimal`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  const units = scaled(BigInt(whole + fraction), Number(exponent) - fraction.length + DECIMALS);
  return sign === '-' ? -units : units;
}
