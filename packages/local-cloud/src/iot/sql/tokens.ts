import { SqlSyntaxError } from './syntax.ts';

export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'symbol' | 'end';
  /** As written; of a string, without quotes and with `''` made one. */
  readonly text: string;
  readonly position: number;
}

const TOKEN =
  /\s*(?:(?<name>[A-Za-z_]\w*)|(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|'(?<string>(?:[^']|'')*)'|(?<symbol><>|<=|>=|[-+*/%=<>(),.[\]]))/y;

/** @throws SqlSyntaxError at a character that begins no token */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  const end = sql.trimEnd().length;
  while (pattern.lastIndex < end) {
    const start = pattern.lastIndex;
    const groups = pattern.exec(sql)?.groups;
    if (!groups) {
      const position = start + (/^\s*/.exec(sql.slice(start))?.[0].length ?? 0);
      throw new SqlSyntaxError(`unexpected ${sql[position]}`, sql, position);
    }
    tokens.push(tokenOf(groups, pattern.lastIndex));
  }
  tokens.push({ kind: 'end', text: 'the end', position: end });
  return tokens;
}

function tokenOf(groups: Record<string, string | undefined>, end: number): Token {
  const { name, number, string, symbol } = groups;
  if (string !== undefined) {
    const position = end - string.length - 2;
    return { kind: 'string', text: string.replaceAll("''", "'"), position };
  }
  if (name !== undefined) return { kind: 'name', text: name, position: end - name.length };
  if (number !== undefined) return { kind: 'number', text: number, position: end - number.length };
  const text = symbol ?? '';
  return { kind: 'symbol', text, position: end - text.length };
}
