import { topicFilterProblem } from '../topic-filter.ts';
import {
  type BinaryOperator,
  CAST_TYPES,
  type CastType,
  type Column,
  type Expression,
  FUNCTIONS,
  type FunctionName,
  SqlSyntaxError,
  type Statement,
} from './syntax.ts';
import { type Token, tokenize } from './tokens.ts';

const KEYWORDS = new Set(['SELECT', 'FROM', 'WHERE', 'AS', 'AND', 'OR', 'NOT']);
const CONSTANTS: Record<string, boolean | null> = { TRUE: true, FALSE: false, NULL: null };

/** Binary operators that bind to the left, from the weakest to the strongest. */
const SUMS: readonly BinaryOperator[] = ['+', '-'];
const PRODUCTS: readonly BinaryOperator[] = ['*', '/', '%'];
const COMPARISONS: readonly BinaryOperator[] = ['=', '<>', '<', '<=', '>', '>='];

/** Parses a rule's SQL (the grammar stands in syntax.ts). @throws SqlSyntaxError */
export function parseStatement(sql: string): Statement {
  const parser = new Parser(sql);
  const statement = parser.statement();
  parser.expectEnd();
  return statement;
}

/** Parses one expression, as in a substitution template `${…}`. @throws SqlSyntaxError */
export function parseExpression(sql: string): Expression {
  const parser = new Parser(sql);
  const expression = parser.expression();
  parser.expectEnd();
  return expression;
}

class Parser {
  readonly #sql: string;
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(sql: string) {
    this.#sql = sql;
    this.#tokens = tokenize(sql);
  }

  statement(): Statement {
    this.#expectKeyword('SELECT');
    const columns = [this.#column()];
    while (this.#takeSymbol(',')) columns.push(this.#column());
    this.#expectKeyword('FROM');
    const filter = this.#next();
    if (filter.kind !== 'string') this.#fail('a topic filter in single quotes is missing', filter);
    const problem = topicFilterProblem(filter.text);
    if (problem) this.#fail(problem, filter);
    const where = this.#takeKeyword('WHERE') ? this.expression() : undefined;
    return { columns, topicFilter: filter.text, ...(where && { where }) };
  }

  expression(): Expression {
    return this.#chain(['OR'], () => this.#chain(['AND'], () => this.#negation()));
  }

  expectEnd(): void {
    const token = this.#next();
    if (token.kind !== 'end') this.#fail(`unexpected ${token.text}`, token);
  }

  #column(): Column {
    if (this.#takeSymbol('*')) return { kind: 'everything' };
    const start = this.#peek();
    const value = this.expression();
    if (this.#takeKeyword('AS')) return { kind: 'value', value, path: this.#alias() };
    const name = impliedName(value);
    if (name === undefined) return this.#fail('this column needs a name: add AS', start);
    return { kind: 'value', value, path: [name] };
  }

  #alias(): string[] {
    const path = [this.#name()];
    while (this.#takeSymbol('.')) path.push(this.#name());
    return path;
  }

  #negation(): Expression {
    if (this.#takeKeyword('NOT')) return { kind: 'not', operand: this.#negation() };
    return this.#comparison();
  }

  #comparison(): Expression {
    const left = this.#sum();
    const operator = COMPARISONS.find((symbol) => this.#takeSymbol(symbol));
    return operator ? { kind: 'binary', operator, left, right: this.#sum() } : left;
  }

  #sum(): Expression {
    return this.#chain(SUMS, () => this.#chain(PRODUCTS, () => this.#sign()));
  }

  #chain(operators: readonly BinaryOperator[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const operator = operators.find((text) => this.#takeSymbol(text) || this.#takeKeyword(text));
      if (!operator) return left;
      left = { kind: 'binary', operator, left, right: operand() };
    }
  }

  #sign(): Expression {
    if (this.#takeSymbol('-')) return { kind: 'minus', operand: this.#sign() };
    return this.#access();
  }

  #access(): Expression {
    let value = this.#primary();
    for (;;) {
      if (this.#takeSymbol('.')) {
        const key: Expression = { kind: 'literal', value: this.#name() };
        value = { kind: 'member', of: value, key };
      } else if (this.#takeSymbol('[')) {
        value = { kind: 'member', of: value, key: this.expression() };
        this.#expectSymbol(']');
      } else return value;
    }
  }

  #primary(): Expression {
    const token = this.#next();
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
    if (token.kind === 'string') return { kind: 'literal', value: token.text };
    if (token.text === '(') {
      const value = this.expression();
      this.#expectSymbol(')');
      return value;
    }
    const word = token.text.toUpperCase();
    if (token.kind !== 'name' || KEYWORDS.has(word)) {
      return this.#fail(`unexpected ${token.text}`, token);
    }
    const constant = CONSTANTS[word];
    if (constant !== undefined) return { kind: 'literal', value: constant };
    return this.#takeSymbol('(') ? this.#call(token) : { kind: 'field', name: token.text };
  }

  #call(token: Token): Expression {
    const name = token.text.toLowerCase();
    if (name === 'cast') return this.#cast();
    if (!isFunction(name)) return this.#fail(`no function ${token.text} here`, token);
    const args: Expression[] = [];
    if (!this.#takeSymbol(')')) {
      do args.push(this.#argument());
      while (this.#takeSymbol(','));
      this.#expectSymbol(')');
    }
    const [least, most] = FUNCTIONS[name];
    if (args.length < least || args.length > most) {
      return this.#fail(`${name} does not take ${args.length} arguments`, token);
    }
    return { kind: 'call', name, args };
  }

  #argument(): Expression {
    return this.#takeSymbol('*') ? { kind: 'payload' } : this.expression();
  }

  #cast(): Expression {
    const value = this.expression();
    this.#expectKeyword('AS');
    const token = this.#next();
    const type = token.text.toLowerCase();
    if (!isCastType(type)) return this.#fail(`no type ${token.text} to cast to`, token);
    this.#expectSymbol(')');
    return { kind: 'cast', value, type };
  }

  #name(): string {
    const token = this.#next();
    return token.kind === 'name' ? token.text : this.#fail('a name is missing', token);
  }

  #peek(): Token {
    const token = this.#tokens[Math.min(this.#index, this.#tokens.length - 1)];
    if (!token) throw new Error('a token list always has its end');
    return token;
  }

  #next(): Token {
    const token = this.#peek();
    this.#index += 1;
    return token;
  }

  #takeSymbol(text: string): boolean {
    const token = this.#peek();
    const taken = token.kind === 'symbol' && token.text === text;
    if (taken) this.#index += 1;
    return taken;
  }

  #takeKeyword(word: string): boolean {
    const token = this.#peek();
    const taken = token.kind === 'name' && token.text.toUpperCase() === word;
    if (taken) this.#index += 1;
    return taken;
  }

  #expectSymbol(text: string): void {
    if (!this.#takeSymbol(text)) this.#fail(`${text} is missing`, this.#peek());
  }

  #expectKeyword(word: string): void {
    if (!this.#takeKeyword(word)) this.#fail(`${word} is missing`, this.#peek());
  }

  #fail(problem: string, token: Token): never {
    throw new SqlSyntaxError(problem, this.#sql, token.position);
  }
}

function impliedName(value: Expression): string | undefined {
  if (value.kind === 'field' || value.kind === 'call') return value.name;
  if (value.kind !== 'member' || value.key.kind !== 'literal') return undefined;
  return typeof value.key.value === 'string' ? value.key.value : undefined;
}

function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}

function isCastType(name: string): name is CastType {
  return (CAST_TYPES as readonly string[]).includes(name);
}
