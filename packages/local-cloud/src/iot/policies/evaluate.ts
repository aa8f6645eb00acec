import type { Condition, Statement } from './document.ts';

export type PolicyAction = 'Connect' | 'Publish' | 'RetainPublish' | 'Subscribe' | 'Receive';

/** What a client asks for: `iot:<action>` on an ARN. */
export interface PolicyQuestion {
  readonly action: PolicyAction;
  readonly resource: string;
  /** The values of policy variables and condition keys, as far as the connection has them. */
  variable(name: string): string | undefined;
}

/**
 * Whether the policies together allow it: something allows and nothing denies.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html
 */
export function isAllowed(statements: readonly Statement[], question: PolicyQuestion): boolean {
  const matching = statements.filter((statement) => applies(statement, question));
  return (
    matching.some(({ effect }) => effect === 'Allow') &&
    !matching.some(({ effect }) => effect === 'Deny')
  );
}

function applies(statement: Statement, question: PolicyQuestion): boolean {
  const action = `iot:${question.action}`.toLowerCase();
  return (
    statement.actions.some((pattern) => like(pattern.toLowerCase(), action)) &&
    statement.resources.some((pattern) => matches(pattern, question.resource, question)) &&
    statement.conditions.every((condition) => holds(condition, question))
  );
}

/** A key without a value fails every condition but the negated ones, as in IAM. */
function holds({ operator, key, values }: Condition, question: PolicyQuestion): boolean {
  const actual = question.variable(key);
  const some = (test: (value: string, actual: string) => boolean) =>
    actual !== undefined && values.some((value) => test(value, actual));
  const equals = (value: string, other: string) => substituted(value, question) === other;
  switch (operator) {
    case 'Bool':
      return some((value, other) => value.toLowerCase() === other.toLowerCase());
    case 'StringEquals':
      return some(equals);
    case 'StringNotEquals':
      return !some(equals);
    case 'StringEqualsIgnoreCase':
      return some(
        (value, other) => substituted(value, question)?.toLowerCase() === other.toLowerCase(),
      );
    case 'StringLike':
      return some((value, other) => matches(value, other, question));
    case 'StringNotLike':
      return !some((value, other) => matches(value, other, question));
  }
}

const VARIABLE = /\$\{([^}]*)\}/g;

/** Undefined when a variable has no value: such a text matches nothing. */
function substituted(pattern: string, question: PolicyQuestion): string | undefined {
  let complete = true;
  const text = pattern.replace(VARIABLE, (_, name: string) => {
    const value = resolved(name, question);
    if (value === undefined) complete = false;
    return value ?? '';
  });
  return complete ? text : undefined;
}

/** `${*}`, `${?}` and `${$}` stand for the character itself. */
function resolved(name: string, question: PolicyQuestion): string | undefined {
  return /^[*?$]$/.test(name) ? name : question.variable(name);
}

/** A pattern with wildcards and variables; what a variable holds is never a wildcard. */
function matches(pattern: string, text: string, question: PolicyQuestion): boolean {
  const pieces: (string | typeof MANY | typeof ONE)[] = [];
  let end = 0;
  for (const found of pattern.matchAll(VARIABLE)) {
    const value = resolved(found[1] ?? '', question);
    if (value === undefined) return false;
    pieces.push(...wildcards(pattern.slice(end, found.index)), ...value);
    end = found.index + found[0].length;
  }
  pieces.push(...wildcards(pattern.slice(end)));
  return matchesPieces(pieces, [...text]);
}

function like(pattern: string, text: string): boolean {
  return matchesPieces(wildcards(pattern), [...text]);
}

const MANY = Symbol('*');
const ONE = Symbol('?');
type Piece = string | typeof MANY | typeof ONE;

function wildcards(text: string): Piece[] {
  return [...text].map((letter) => (letter === '*' ? MANY : letter === '?' ? ONE : letter));
}

/** In time of the product of the lengths at most, whatever the pattern. */
function matchesPieces(pieces: readonly Piece[], letters: readonly string[]): boolean {
  let [piece, letter] = [0, 0];
  let retry: { readonly piece: number; letter: number } | undefined;
  while (letter < letters.length) {
    const wanted = pieces[piece];
    if (wanted === MANY) {
      retry = { piece: piece + 1, letter };
      piece += 1;
    } else if (wanted === ONE || wanted === letters[letter]) {
      piece += 1;
      letter += 1;
    } else if (retry) {
      retry.letter += 1;
      piece = retry.piece;
      letter = retry.letter;
    } else {
      return false;
    }
  }
  return pieces.slice(piece).every((rest) => rest === MANY);
}
