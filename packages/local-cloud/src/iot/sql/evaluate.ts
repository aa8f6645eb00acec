import { randomUUID } from 'node:crypto';
import { applyOperator, cast, isObject, minus, not, type SqlValue } from './operators.ts';
import type { Column, Expression, FunctionName, Statement } from './syntax.ts';

/** The message that a statement looks at. */
export interface SqlInput {
  readonly topic: string;
  readonly payload: Buffer;
  /** Missing when the message did not come over MQTT. */
  readonly clientId?: string | undefined;
  readonly traceId: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** What a rule passes to its actions. `json` tells whether the bytes are JSON text. */
export interface SqlResult {
  readonly body: Buffer;
  readonly json: boolean;
}

/** Evaluates statements and expressions against one message, which is parsed at most once. */
export class SqlEvaluation {
  readonly #input: SqlInput;
  #parsed: { readonly value: SqlValue } | undefined;

  constructor(input: SqlInput) {
    this.#input = input;
  }

  get traceId(): string {
    return this.#input.traceId;
  }

  /** The result, or `undefined` when WHERE does not hold. */
  select(statement: Statement): SqlResult | undefined {
    if (statement.where && this.value(statement.where) !== true) return undefined;
    const [only] = statement.columns;
    if (statement.columns.length === 1 && only?.kind === 'everything') {
      // As it came, byte for byte: payloads may be binary, and JSON numbers may exceed a double.
      return { body: this.#input.payload, json: this.#payload() !== undefined };
    }
    const result: Record<string, unknown> = {};
    for (const column of statement.columns) this.#addColumn(result, column);
    return { body: Buffer.from(JSON.stringify(result)), json: true };
  }

  value(expression: Expression): SqlValue {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'payload':
        return this.#payload();
      case 'field':
        return member(this.#payload(), expression.name);
      case 'member':
        return member(this.value(expression.of), this.value(expression.key));
      case 'not':
        return not(this.value(expression.operand));
      case 'minus':
        return minus(this.value(expression.operand));
      case 'binary': {
        const { operator, left, right } = expression;
        return applyOperator(operator, this.value(left), this.value(right));
      }
      case 'call':
        return this.#call(expression.name, expression.args);
      case 'cast':
        return cast(this.value(expression.value), expression.type);
    }
  }

  #addColumn(result: Record<string, unknown>, column: Column): void {
    if (column.kind === 'everything') {
      const payload = this.#payload();
      if (isObject(payload))
        for (const [key, value] of Object.entries(payload)) put(result, [key], value);
      return;
    }
    const value = this.value(column.value);
    if (value !== undefined) put(result, column.path, value);
  }

  #call(name: FunctionName, args: readonly Expression[]): SqlValue {
    const { topic, clientId, traceId, timestamp } = this.#input;
    const [first, second] = args;
    switch (name) {
      case 'topic': {
        if (!first) return topic;
        const level = this.value(first);
        return typeof level === 'number' ? topic.split('/')[level - 1] : undefined;
      }
      case 'timestamp':
        return timestamp;
      case 'clientid':
        return clientId ?? 'N/A';
      case 'traceid':
        return traceId;
      case 'newuuid':
        return randomUUID();
      case 'encode':
        return this.#encode(first, second && this.value(second));
      case 'decode':
        return decode(first && this.value(first), second && this.value(second));
    }
  }

  #encode(what: Expression | undefined, scheme: SqlValue): SqlValue {
    if (!what || scheme !== 'base64') return undefined;
    // `encode(*, 'base64')` is how binary payloads travel: the bytes, not their reading as JSON.
    if (what.kind === 'payload') return this.#input.payload.toString('base64');
    const value = cast(this.value(what), 'string');
    return typeof value === 'string' ? Buffer.from(value).toString('base64') : undefined;
  }

  #payload(): SqlValue {
    this.#parsed ??= { value: parseJson(this.#input.payload) };
    return this.#parsed.value;
  }
}

/** JSON text to its value; anything else is Undefined. */
function parseJson(bytes: Buffer): SqlValue {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as SqlValue;
  } catch {
    return undefined;
  }
}

/** "If the decoded string is a JSON document, an addressable object is returned." */
function decode(value: SqlValue, scheme: SqlValue): SqlValue {
  if (typeof value !== 'string' || scheme !== 'base64') return undefined;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return null;
  const bytes = Buffer.from(value, 'base64');
  const document = parseJson(bytes);
  return typeof document === 'object' && document !== null ? document : bytes.toString('utf8');
}

function member(of: SqlValue, key: SqlValue): SqlValue {
  if (Array.isArray(of)) return typeof key === 'number' ? of[key] : undefined;
  if (!isObject(of) || typeof key !== 'string' || !Object.hasOwn(of, key)) return undefined;
  return of[key];
}

/** Sets a nested key. Later columns win over earlier ones, as `SELECT *, … AS …` relies on. */
function put(result: Record<string, unknown>, path: readonly string[], value: SqlValue): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  let stored: unknown = value;
  if (rest.length > 0) {
    const branch = { ...(Object.hasOwn(result, key) ? asBranch(result[key]) : undefined) };
    put(branch, rest, value);
    stored = branch;
  }
  // Defined, not assigned: a payload's key `__proto__` is a key like any other.
  Object.defineProperty(result, key, {
    value: stored,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function asBranch(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
