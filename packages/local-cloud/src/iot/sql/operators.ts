import type { BinaryOperator, CastType } from './syntax.ts';

/**
 * A value of IoT SQL: JSON, or Undefined, which stands for "no value" and is no error.
 * Numbers are doubles: Ints beyond 2^53 lose digits that AWS keeps (it computes with 34).
 */
export type SqlValue =
  | undefined
  | null
  | boolean
  | number
  | string
  | readonly SqlValue[]
  | { readonly [key: string]: SqlValue };

/**
 * AWS's operators with its conversions.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-operators.html
 */
export function applyOperator(operator: BinaryOperator, left: SqlValue, right: SqlValue): SqlValue {
  switch (operator) {
    case 'AND':
    case 'OR':
      return combine(operator, toBoolean(left), toBoolean(right));
    case '=':
      return equals(left, right);
    case '<>':
      return not(equals(left, right));
    case '+':
      return add(left, right);
    default:
      return compute(operator, toDecimal(left), toDecimal(right));
  }
}

export function not(value: SqlValue): boolean | undefined {
  const truth = toBoolean(value);
  return truth === undefined ? undefined : !truth;
}

export function minus(value: SqlValue): number | undefined {
  const number = toDecimal(value);
  return number === undefined ? undefined : -number;
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html#iot-sql-function-cast */
export function cast(value: SqlValue, type: CastType): SqlValue {
  if (value === undefined || value === null) return undefined;
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value);
    case 'boolean':
      return typeof value === 'number' ? value !== 0 : toBoolean(value);
    case 'decimal':
      return typeof value === 'boolean' ? Number(value) : toDecimal(value);
    case 'int': {
      const number = typeof value === 'boolean' ? Number(value) : toDecimal(value);
      return number === undefined ? undefined : Math.floor(number);
    }
  }
}

function combine(
  operator: 'AND' | 'OR',
  left: boolean | undefined,
  right: boolean | undefined,
): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  return operator === 'AND' ? left && right : left || right;
}

function equals(left: SqlValue, right: SqlValue): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  const mixed = typeof left !== typeof right;
  if (mixed && isScalar(left) && isScalar(right)) return toDecimal(left) === toDecimal(right);
  return sameJson(left, right);
}

/** Int and String are the only two types that compare across. */
function isScalar(value: SqlValue): boolean {
  return typeof value === 'number' || typeof value === 'string';
}

function sameJson(left: SqlValue, right: SqlValue): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((one, index) => sameJson(one, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]))
  );
}

export function isObject(value: SqlValue): value is { readonly [key: string]: SqlValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function add(left: SqlValue, right: SqlValue): SqlValue {
  if (typeof left === 'number' && typeof right === 'number') return finite(left + right);
  if (left === undefined || right === undefined) return undefined;
  // Text on either side makes it a concatenation.
  if (typeof left !== 'string' && typeof right !== 'string') return undefined;
  return `${cast(left, 'string') ?? 'null'}${cast(right, 'string') ?? 'null'}`;
}

function compute(
  operator: '<' | '<=' | '>' | '>=' | '-' | '*' | '/' | '%',
  left: number | undefined,
  right: number | undefined,
): number | boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '-':
      return finite(left - right);
    case '*':
      return finite(left * right);
    case '/':
      return finite(left / right);
    case '%':
      return finite(left % right);
  }
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function toBoolean(value: SqlValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const word = value.toLowerCase();
  if (word === 'true') return true;
  return word === 'false' ? false : undefined;
}

function toDecimal(value: SqlValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*$/.test(value)) {
    return undefined;
  }
  return finite(Number(value));
}
