/** What was counted and added up; units of 10⁻¹⁸, which is what the platform keeps. */
export interface Sum {
  readonly count: number;
  readonly units: bigint;
}

export const NOTHING: Sum = { count: 0, units: 0n };

const PLACES = 18;
const UNITS_PER_MICRO = 10n ** 12n;

export function unitsOfMicros(micros: number): bigint {
  return BigInt(micros) * UNITS_PER_MICRO;
}

export function addSums(one: Sum, other: Sum): Sum {
  return { count: one.count + other.count, units: one.units + other.units };
}

export function isSameSum(one: Sum, other: Sum): boolean {
  return one.count === other.count && one.units === other.units;
}

/** Plain digits without needless zeros: `-0.25`. */
export function formatUnits(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(PLACES + 1, '0');
  const fraction = digits.slice(-PLACES).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -PLACES)}${fraction && `.${fraction}`}`;
}

/**
 * Of plain digits, as the platform writes sums.
 * @throws SyntaxError for anything else, and for what is finer than 10⁻¹⁸
 */
export function parseUnits(text: string): bigint {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,18}))?$/.exec(text) ?? [];
  if (whole === '') throw new SyntaxError(`"${text.slice(0, 60)}" is no sum in plain digits.`);
  const units = BigInt(whole + fraction.padEnd(PLACES, '0'));
  return sign === '-' ? -units : units;
}
