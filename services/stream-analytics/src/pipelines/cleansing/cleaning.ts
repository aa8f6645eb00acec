import type { Rule, RuleContext, Scalar } from './rule.ts';
import { CONVERSIONS, type Conversion, converted, POSSIBLE } from './units.ts';

/** What a rule did to a field. */
export interface Change {
  readonly rule: string;
  /** `post.text`, `activity.properties.*`, `time`: of the declaration, never what a producer wrote. */
  readonly field: string;
}

/** The cleansing of one event: notes every change. */
export class Cleaning {
  readonly changes: Change[] = [];
  readonly #pseudonym: RuleContext['pseudonym'];

  constructor(pseudonym: RuleContext['pseudonym']) {
    this.#pseudonym = pseudonym;
  }

  note(rule: string, field: string): void {
    this.changes.push({ rule, field });
  }

  scalar(value: Scalar, rules: readonly Rule[], field: string, name = ''): Scalar {
    let result = value;
    for (const rule of rules) {
      const before = result;
      result = rule.apply(before, { name, pseudonym: this.#pseudonym });
      if (!Object.is(result, before)) this.note(rule.name, field);
    }
    return result;
  }
}

/** What is done with one field of an event's data. */
export type Treatment = (value: unknown, cleaning: Cleaning, field: string) => unknown;

/** A text, a number or the like. */
export const value =
  (...rules: readonly (Rule | readonly Rule[])[]): Treatment =>
  (one, cleaning, field) =>
    cleaning.scalar(one as Scalar, rules.flat(), field);

/**
 * Every value of a record, and the names in it, which may hold personal data themselves. Names that
 * become the same are told apart by a number.
 *
 * @param named further rules for values of certain names.
 */
export const each =
  (
    nameRules: readonly Rule[],
    valueRules: readonly Rule[],
    named: (name: string) => readonly Rule[] = () => [],
  ): Treatment =>
  (record, cleaning, field) => {
    const cleansed = new Map<string, Scalar>();
    const free = freeNames(cleansed);
    for (const [name, one] of Object.entries(record as Record<string, Scalar>)) {
      const cleanName = String(cleaning.scalar(name, nameRules, `${field}.names`)) || '_';
      const rules = [...named(cleanName), ...valueRules];
      cleansed.set(free(cleanName), cleaning.scalar(one, rules, `${field}.*`, cleanName));
    }
    return Object.fromEntries(cleansed);
  };

/** Every element of a list of objects. */
export const elements =
  (treatments: Readonly<Record<string, Treatment>>): Treatment =>
  (list, cleaning, field) =>
    (list as Record<string, unknown>[]).map((one) => treated(one, treatments, cleaning, field));

/** Measured values: in our units, and only what can be. */
export const measured: Treatment = inOurUnits(() => true);

/** Quantities used: of nothing in one unit there is nothing in another, unlike with temperatures. */
export const used: Treatment = inOurUnits(({ convert }) => convert(0) === 0);

function inOurUnits(isMeant: (conversion: Conversion) => boolean): Treatment {
  return (record, cleaning, field) => {
    const values = new Map(Object.entries(record as Record<string, number>));
    removeImpossible(values, cleaning, field);
    for (const [name, one] of values) {
      const conversion = CONVERSIONS.get(name);
      const result = conversion && isMeant(conversion) ? converted(conversion, one) : undefined;
      if (conversion === undefined || result === undefined || values.has(conversion.to)) continue;
      values.delete(name);
      values.set(conversion.to, result);
      cleaning.note('unit_converted', `${field}.*`);
    }
    removeImpossible(values, cleaning, field);
    return Object.fromEntries(values);
  };
}

function removeImpossible(values: Map<string, number>, cleaning: Cleaning, field: string): void {
  for (const [name, one] of values) {
    const [least, most] = POSSIBLE.get(name) ?? [-Infinity, Infinity];
    if (one >= least && one <= most) continue;
    values.delete(name);
    cleaning.note('impossible_value_removed', `${field}.*`);
  }
}

/** Fields without a treatment stay as they are. */
export function treated(
  object: Readonly<Record<string, unknown>>,
  treatments: Readonly<Record<string, Treatment>>,
  cleaning: Cleaning,
  prefix: string,
): Record<string, unknown> {
  const entries = Object.entries(object).map(([name, one]) => {
    const treatment = Object.hasOwn(treatments, name) ? treatments[name] : undefined;
    const isThere = treatment !== undefined && one !== undefined;
    return [name, isThere ? treatment(one, cleaning, `${prefix}.${name}`) : one];
  });
  return Object.fromEntries(entries);
}

/** `email`, `email_2`, `email_3`: goes on where it was, as 50,000 names may become the same. */
function freeNames(taken: ReadonlyMap<string, unknown>): (name: string) => string {
  const lastOf = new Map<string, number>();
  return (name) => {
    let candidate = name;
    let last = lastOf.get(name) ?? 1;
    while (taken.has(candidate)) {
      last += 1;
      candidate = `${name}_${last}`;
    }
    lastOf.set(name, last);
    return candidate;
  };
}
