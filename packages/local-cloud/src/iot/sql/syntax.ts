/**
 * The subset of AWS IoT SQL (version 2016-03-23) that topic rules may use locally.
 *
 *   statement  = SELECT columns FROM string [ WHERE expression ]
 *   columns    = column { "," column }
 *   column     = "*" | expression [ AS name { "." name } ]
 *   expression = conjunction { OR conjunction }
 *   conjunction = negation { AND negation }
 *   negation   = [ NOT ] comparison
 *   comparison = sum [ ( "=" | "<>" | "<" | "<=" | ">" | ">=" ) sum ]
 *   sum        = product { ( "+" | "-" ) product }
 *   product    = sign { ( "*" | "/" | "%" ) sign }
 *   sign       = [ "-" ] access
 *   access     = primary { "." name | "[" expression "]" }
 *   primary    = number | string | TRUE | FALSE | NULL | name | call | "(" expression ")"
 *   call       = name "(" [ argument { "," argument } ] ")" | CAST "(" expression AS type ")"
 *   argument   = "*" | expression
 *
 * Strings stand in single quotes (`''` is a quote). Keywords and function names ignore case, field
 * names do not. Functions: topic, timestamp, clientid, traceid, newuuid, encode, decode, cast.
 * A column without AS takes the last name of its path, or its function's name.
 *
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
 */
export interface Statement {
  readonly columns: readonly Column[];
  readonly topicFilter: string;
  readonly where?: Expression;
}

export type Column =
  | { readonly kind: 'everything' }
  | { readonly kind: 'value'; readonly value: Expression; readonly path: readonly string[] };

export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'payload' }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Expression; readonly key: Expression }
  | { readonly kind: 'not' | 'minus'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Expression[] }
  | { readonly kind: 'cast'; readonly value: Expression; readonly type: CastType };

export type BinaryOperator =
  | 'AND'
  | 'OR'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';

/** How many arguments each function takes: at least, at most. */
export const FUNCTIONS = {
  topic: [0, 1],
  timestamp: [0, 0],
  clientid: [0, 0],
  traceid: [0, 0],
  newuuid: [0, 0],
  encode: [2, 2],
  decode: [2, 2],
} as const satisfies Record<string, readonly [number, number]>;

export type FunctionName = keyof typeof FUNCTIONS;

export const CAST_TYPES = ['string', 'int', 'decimal', 'boolean'] as const;
export type CastType = (typeof CAST_TYPES)[number];

/** The statement is not of the subset above. */
export class SqlSyntaxError extends Error {
  constructor(problem: string, sql: string, position: number) {
    super(`${problem} at character ${position + 1} of: ${sql}`);
    this.name = 'SqlSyntaxError';
  }
}
