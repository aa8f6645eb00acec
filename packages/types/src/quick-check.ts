import type * as z from 'zod/mini';

/** True only of what the schema takes and leaves as it is; false says nothing. */
export type QuickCheck = (value: unknown) => boolean;

interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly pattern?: RegExp;
  readonly checks?: readonly { readonly _zod: { readonly def: CheckDefinition } }[];
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly values?: readonly unknown[];
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly catchall?: Schema;
  readonly discriminator?: string;
  readonly options?: readonly Schema[];
  readonly element?: Schema;
  readonly keyType?: Schema;
  readonly valueType?: Schema;
  readonly innerType?: Schema;
}

interface CheckDefinition {
  readonly check: string;
  readonly fn?: (value: unknown) => unknown;
  readonly pattern?: RegExp;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly value?: number;
  readonly inclusive?: boolean;
}

interface Schema {
  readonly _zod: { readonly def: Definition };
}

/** A part of a schema that is not known here: its schema is left to zod. */
class Unknown extends Error {}

const CHECKS = new WeakMap<object, { readonly check: QuickCheck | undefined }>();

/**
 * A check of a schema by plain comparisons, several times as fast as a parse, for values that are
 * right and need no change, as nearly all are. undefined for schemas that change what they take or
 * have parts that are not known here.
 */
export function quickCheckOf(schema: z.ZodMiniType): QuickCheck | undefined {
  const known = CHECKS.get(schema);
  if (known) return known.check;
  const check = compileOrLeave(schema as unknown as Schema);
  CHECKS.set(schema, { check });
  return check;
}

function compileOrLeave(schema: Schema): QuickCheck | undefined {
  try {
    return compile(schema);
  } catch (error) {
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}

function compile(schema: Schema): QuickCheck {
  const { def } = schema._zod;
  const bounded = textOfLength(def) ?? numberWithin(def);
  if (bounded) return bounded;
  const kind = KINDS[def.type];
  if (!kind) throw new Unknown(def.type);
  const own = kind(def);
  const more = (def.checks ?? []).map(({ _zod }) => compileCheck(_zod.def));
  if (more.length === 0) return own;
  const [first, second] = more;
  if (first && second && more.length === 2) return (v) => own(v) && first(v) && second(v);
  return (value) => own(value) && more.every((check) => check(value));
}

/** Most texts are bounded in length and in nothing else: one function instead of three. */
function textOfLength({ type, format, checks = [] }: Definition): QuickCheck | undefined {
  if (type !== 'string' || format !== undefined) return undefined;
  let [least, most] = [0, Number.POSITIVE_INFINITY];
  for (const { _zod } of checks) {
    const { check, minimum = 0, maximum = 0 } = _zod.def;
    if (check === 'min_length') least = Math.max(least, minimum);
    else if (check === 'max_length') most = Math.min(most, maximum);
    else return undefined;
  }
  return (value) => typeof value === 'string' && value.length >= least && value.length <= most;
}

/** The same for numbers with bounds that they may reach. */
function numberWithin({ type, format, checks = [] }: Definition): QuickCheck | undefined {
  if (type !== 'number' || (format !== undefined && format !== 'safeint')) return undefined;
  const isKind = format === 'safeint' ? Number.isSafeInteger : Number.isFinite;
  let [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const { _zod } of checks) {
    const { check, inclusive, value: bound } = _zod.def;
    if (!inclusive || typeof bound !== 'number') return undefined;
    if (check === 'greater_than') least = Math.max(least, bound);
    else if (check === 'less_than') most = Math.min(most, bound);
    else return undefined;
  }
  return (value) => isKind(value) && (value as number) >= least && (value as number) <= most;
}

const KINDS: Readonly<Record<string, (def: Definition) => QuickCheck>> = {
  string: ({ format, pattern }) => {
    if (format === undefined) return (value) => typeof value === 'string';
    if (format !== 'datetime' || !pattern) throw new Unknown(format);
    return (value) => typeof value === 'string' && pattern.test(value);
  },
  number: ({ format }) => {
    if (format === 'safeint') return Number.isSafeInteger;
    if (format !== undefined) throw new Unknown(format);
    return Number.isFinite;
  },
  boolean: () => (value) => typeof value === 'boolean',
  null: () => (value) => value === null,
  unknown: () => () => true,
  enum: ({ entries = {} }) => isOneOf(Object.values(entries)),
  literal: ({ values = [] }) => isOneOf(values),
  optional: ({ innerType }) => {
    const inner = compile(required(innerType));
    return (value) => value === undefined || inner(value);
  },
  array: ({ element }) => {
    const each = compile(required(element));
    return (value) => Array.isArray(value) && value.every(each);
  },
  record: ({ keyType, valueType }) => {
    const key = compile(required(keyType));
    const inner = compile(required(valueType));
    return (value) => {
      if (!isPlain(value)) return false;
      for (const name in value) {
        if (name === '__proto__' || !key(name) || !inner(value[name])) return false;
      }
      return true;
    };
  },
  object: ({ shape = {}, catchall }) => {
    if (catchall && catchall._zod.def.type !== 'unknown') throw new Unknown('catchall');
    const names = Object.keys(shape);
    const checks = Object.values(shape).map(compile);
    return (value) => {
      if (!isPlain(value)) return false;
      let present = 0;
      // By index: this runs for each field of each event.
      for (let at = 0; at < names.length; at += 1) {
        const one = value[names[at] as string];
        if (!checks[at]?.(one)) return false;
        if (one !== undefined) present += 1;
      }
      if (catchall) return !Object.hasOwn(value, '__proto__');
      // What is not in the schema is dropped by a strict parse, and then the value is another.
      for (const _ in value) present -= 1;
      return present === 0;
    };
  },
  union: ({ discriminator, options = [] }) => {
    const checks = options.map(compile);
    if (discriminator === undefined) return scalarUnion(options, checks) ?? anyOf(checks);
    const byName = new Map<unknown, QuickCheck>();
    for (const [at, option] of options.entries()) {
      const names = option._zod.def.shape?.[discriminator]?._zod.def.values ?? [];
      for (const name of names) byName.set(name, checks[at] as QuickCheck);
    }
    return (value) => isPlain(value) && (byName.get(value[discriminator])?.(value) ?? false);
  },
};

function anyOf(checks: readonly QuickCheck[]): QuickCheck {
  return (value) => checks.some((check) => check(value));
}

const SCALARS: readonly string[] = ['string', 'number', 'boolean'];

/** A union of a text, a number, a boolean and null, each at most once: the type tells which it is. */
function scalarUnion(
  options: readonly Schema[],
  checks: readonly QuickCheck[],
): QuickCheck | undefined {
  const types = options.map(({ _zod }) => _zod.def.type);
  const scalars = types.filter((type) => SCALARS.includes(type));
  const takesNull = types.includes('null');
  if (new Set(types).size < types.length || scalars.length + Number(takesNull) < types.length) {
    return undefined;
  }
  const [text, number, boolean] = SCALARS.map((type) => checks[types.indexOf(type)]);
  return (value) => {
    switch (typeof value) {
      case 'string':
        return text?.(value) ?? false;
      case 'number':
        return number?.(value) ?? false;
      case 'boolean':
        return boolean?.(value) ?? false;
      default:
        return takesNull && value === null;
    }
  };
}

function compileCheck(def: CheckDefinition): QuickCheck {
  const { fn, pattern, minimum = 0, maximum = 0, value: bound = 0, inclusive } = def;
  switch (def.check) {
    case 'min_length':
      return (value) => (value as string).length >= minimum;
    case 'max_length':
      return (value) => (value as string).length <= maximum;
    case 'string_format':
      if (!pattern) throw new Unknown('format');
      return (value) => pattern.test(value as string);
    case 'greater_than':
      return inclusive ? (value) => Number(value) >= bound : (value) => Number(value) > bound;
    case 'less_than':
      return inclusive ? (value) => Number(value) <= bound : (value) => Number(value) < bound;
    case 'custom':
      if (!fn) throw new Unknown('custom');
      return (value) => Boolean(fn(value));
    default:
      throw new Unknown(def.check);
  }
}

function isOneOf(values: readonly unknown[]): QuickCheck {
  if (values.length === 1) return (value) => value === values[0];
  const set = new Set(values);
  return (value) => set.has(value);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function required(schema: Schema | undefined): Schema {
  if (!schema) throw new Unknown('schema');
  return schema;
}
