import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqlEvaluation, type SqlInput } from '../../src/iot/sql/evaluate.ts';
import { parseExpression, parseStatement } from '../../src/iot/sql/parse.ts';
import type { Expression } from '../../src/iot/sql/syntax.ts';

const input = (payload: unknown): SqlInput => ({
  topic: 'devices/d1/telemetry',
  payload: Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload)),
  clientId: 'client-1',
  traceId: 'trace-1',
  timestamp: 1_700_000_000_000,
});

/** The rule's result: parsed JSON, or `undefined` when WHERE does not hold. */
function select(sql: string, payload: unknown): unknown {
  const result = new SqlEvaluation(input(payload)).select(parseStatement(sql));
  return result && JSON.parse(result.body.toString());
}

const value = (sql: string, payload: unknown = {}) =>
  new SqlEvaluation(input(payload)).value(parseExpression(sql));

describe('SELECT', () => {
  it('* passes the payload byte for byte, binary too', () => {
    const exact = Buffer.from('{ "n": 12345678901234567890 }');
    const all = parseStatement("SELECT * FROM 'a'");
    expect(new SqlEvaluation(input(exact)).select(all)).toEqual({ body: exact, json: true });
    const binary = Buffer.from([0xff, 0x00, 0x7b]);
    expect(new SqlEvaluation(input(binary)).select(all)).toEqual({ body: binary, json: false });
  });

  it('adds columns to *', () => {
    expect(
      select("SELECT *, topic(2) AS deviceId, timestamp() AS at FROM 'devices/+/telemetry'", {
        time: 't',
        deviceId: 'forged',
      }),
    ).toEqual({ time: 't', deviceId: 'd1', at: 1_700_000_000_000 });
  });

  it('names columns after their path or function', () => {
    const payload = { color: { red: 255 }, list: [1, 2] };
    expect(select("SELECT color.red, list, clientid(), traceid() FROM '#'", payload)).toEqual({
      red: 255,
      list: [1, 2],
      clientid: 'client-1',
      traceid: 'trace-1',
    });
  });

  it('nests aliases and leaves out what has no value', () => {
    expect(
      select("SELECT a AS x.y, b AS x.z, nothing, nothing.deeper AS q FROM 'a'", { a: 1, b: null }),
    ).toEqual({ x: { y: 1, z: null } });
  });

  it('carries binary payloads as base64', () => {
    const sql =
      "SELECT encode(*, 'base64') AS data, decode('eyJhIjoxfQ==', 'base64').a AS a FROM 'a'";
    expect(select(sql, Buffer.from([0xff]))).toEqual({ data: '/w==', a: 1 });
  });

  it('treats __proto__ as any other key', () => {
    const payload = Buffer.from('{"__proto__": {"admin": true}, "a": 1}');
    const result = new SqlEvaluation(input(payload)).select(
      parseStatement("SELECT *, 1 AS b FROM 'a'"),
    );
    expect(result?.body.toString()).toBe('{"__proto__":{"admin":true},"a":1,"b":1}');
    expect(value('admin', {})).toBeUndefined();
    expect(value('constructor', {})).toBeUndefined();
  });
});

describe('WHERE', () => {
  it.each([
    ["temperature > 30 AND room = 'kitchen'", { temperature: 31, room: 'kitchen' }, true],
    ["temperature > 30 AND room = 'kitchen'", { temperature: 30, room: 'kitchen' }, false],
    ['NOT active OR level >= 2', { active: true, level: 2 }, true],
    ['missing > 1', {}, false],
    ['missing <> 1', {}, false],
    ["active = 'true'", { active: true }, false],
    ['active', { active: 'TRUE' }, false],
  ])('%s on %j: %s', (where, payload, holds) => {
    const sql = `SELECT * FROM 'a' WHERE ${where}`;
    expect(select(sql, payload) !== undefined).toBe(holds);
  });
});

describe('expressions', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['-2 - -3', 1],
    ['7 % 4', 3],
    ['7 / 2', 3.5],
    ['1 / 0', undefined],
    ["'a' + 1", 'a1'],
    ["'it''s'", "it's"],
    ["'5' > 4", true],
    ["'five' > 4", undefined],
    ["'5' = 5", true],
    ["'x' = 5", false],
    ['NULL = NULL', true],
    ['TRUE AND missing', undefined],
    ['true = TRUE', true],
    ["cast('12.7' AS Int)", 12],
    ["cast('x' AS Decimal)", undefined],
    ['cast(0 AS Boolean)', false],
    ['cast(true AS Decimal)', 1],
    ['cast(1.5 AS String)', '1.5'],
    ['topic(9)', undefined],
    ['topic()', 'devices/d1/telemetry'],
    ['list[1]', 20],
    ["object['key'].deep", 'yes'],
    ['a = b', true],
    ['a <> c', true],
  ])('%s is %j', (sql, expected) => {
    const payload = {
      list: [10, 20],
      object: { key: { deep: 'yes' } },
      a: [1, { x: 2 }],
      b: [1, { x: 2 }],
      c: [1, { x: 3 }],
    };
    expect(value(sql, payload)).toEqual(expected);
  });
});

describe('a statement outside the grammar is refused with its position', () => {
  it.each([
    ["SELECT FROM 'a'", 'unexpected FROM at character 8'],
    ['SELECT * FROM topic', 'a topic filter in single quotes is missing at character 15'],
    ["SELECT * FROM 'a/#/b'", '# stands alone at the end'],
    ["SELECT 1 + 2 FROM 'a'", 'this column needs a name: add AS at character 8'],
    ["SELECT machinelearning_predict('m') FROM 'a'", 'no function machinelearning_predict here'],
    ["SELECT * FROM 'a' WHERE a ! b", 'unexpected ! at character 27'],
    ["SELECT * FROM 'a' WHERE a = b = c", 'unexpected ='],
    ["SELECT * FROM 'a' LIMIT 5", 'unexpected LIMIT at character 19'],
    ["SELECT encode(*) AS e FROM 'a'", 'encode does not take 1 arguments'],
  ])('%s', (sql, problem) => {
    expect(() => parseStatement(sql)).toThrow(problem);
  });
});

describe('properties', () => {
  const scalar = fc.oneof(
    fc.integer({ min: 0, max: 1e6 }),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
  );
  const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.record({ kind: fc.constant('literal' as const), value: scalar }),
      fc.record({ kind: fc.constant('field' as const), name: fc.constantFrom('a', 'b_1', 'C') }),
      fc.record({
        kind: fc.constantFrom('not' as const, 'minus' as const),
        operand: tie('expression'),
      }),
      fc.record({
        kind: fc.constant('binary' as const),
        operator: fc.constantFrom(
          'AND',
          'OR',
          '=',
          '<>',
          '<',
          '<=',
          '>',
          '>=',
          '+',
          '-',
          '*',
          '/',
          '%',
        ),
        left: tie('expression'),
        right: tie('expression'),
      }),
      fc.record({
        kind: fc.constant('cast' as const),
        value: tie('expression'),
        type: fc.constantFrom('string', 'int', 'decimal', 'boolean'),
      }),
    ) as fc.Arbitrary<Expression>,
  }));

  it('parses every expression back from its fully bracketed text', () => {
    fc.assert(
      fc.property(expression, (tree) => {
        expect(parseExpression(print(tree))).toEqual(tree);
      }),
    );
  });

  it('evaluates any expression on any payload without throwing', () => {
    fc.assert(
      fc.property(expression, fc.jsonValue(), (tree, payload) => {
        new SqlEvaluation(input(payload)).value(tree);
      }),
    );
  });

  it('selects exactly the fields that are asked for', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}[0-9]$/), { minLength: 1 });
    fc.assert(
      fc.property(names, fc.jsonValue(), (wanted, item) => {
        const payload = Object.fromEntries([...wanted, 'other'].map((name) => [name, item]));
        const expected = Object.fromEntries(wanted.map((name) => [name, item]));
        const selected = select(`SELECT ${wanted.join(', ')} FROM '#'`, payload);
        expect(selected).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
    );
  });
});

/** The text of a tree, bracketed so that no rule of precedence is needed to read it. */
function print(tree: Expression): string {
  switch (tree.kind) {
    case 'literal':
      return typeof tree.value === 'string'
        ? `'${tree.value.replaceAll("'", "''")}'`
        : String(tree.value);
    case 'field':
      return tree.name;
    case 'not':
      return `(NOT ${print(tree.operand)})`;
    case 'minus':
      return `(- ${print(tree.operand)})`;
    case 'binary':
      return `(${print(tree.left)} ${tree.operator} ${print(tree.right)})`;
    case 'cast':
      return `cast(${print(tree.value)} AS ${tree.type})`;
    default:
      throw new Error(`the generator makes no ${tree.kind}`);
  }
}
