import { LocalCloudError } from '../../errors.ts';

/** Says whether a document matches a filter pattern. */
export type Matcher = (document: unknown) => boolean;

/** A condition on one field; `undefined` stands for a field that is not there. */
type Condition = (value: unknown) => boolean;

/**
 * Compiles a filter pattern (JSON text or object) in the grammar of Lambda's event filtering:
 * exact values, `null`, `""`, `prefix`, `suffix`, `equals-ignore-case`, `anything-but`, `numeric`,
 * `exists` and `$or`. All fields of a pattern must match; of a list of conditions one is enough.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 *
 * @throws LocalCloudError FILTER_PATTERN_INVALID
 */
export function compilePattern(pattern: unknown): Matcher {
  const parsed = typeof pattern === 'string' ? parsePattern(pattern) : pattern;
  if (!isObject(parsed)) throw invalid(pattern, 'it must be an object');
  return compileObject(parsed);
}

function compileObject(pattern: Record<string, unknown>): Matcher {
  const fields = Object.entries(pattern).map(([key, value]) =>
    key === '$or' ? compileAlternatives(value) : compileField(key, value),
  );
  return (document) => fields.every((matches) => matches(document));
}

function compileAlternatives(value: unknown): Matcher {
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw invalid(value, '$or takes a list of patterns');
  }
  const alternatives = value.map(compileObject);
  return (document) => alternatives.some((matches) => matches(document));
}

function compileField(key: string, value: unknown): Matcher {
  if (Array.isArray(value)) {
    const conditions = (value as unknown[]).map(compileCondition);
    const holds = (found: unknown) => conditions.some((condition) => condition(found));
    return (document) => {
      const found = field(document, key);
      return Array.isArray(found) ? found.some(holds) : holds(found);
    };
  }
  if (!isObject(value)) throw invalid({ [key]: value }, 'a value stands in a list');
  const matches = compileObject(value);
  return (document) => {
    const found = field(document, key);
    return Array.isArray(found) ? found.some(matches) : matches(found);
  };
}

function compileCondition(condition: unknown): Condition {
  if (!isObject(condition)) return (value) => value === condition;
  const [[operator, operand] = [], ...more] = Object.entries(condition);
  if (more.length > 0) throw invalid(condition, 'a condition has one operator');
  switch (operator) {
    case 'prefix':
      return textCondition(condition, operand, (value, text) => value.startsWith(text));
    case 'suffix':
      return textCondition(condition, operand, (value, text) => value.endsWith(text));
    case 'equals-ignore-case':
      return textCondition(condition, operand, (value, text) => lower(value) === lower(text));
    case 'exists':
      return (value) => (value !== undefined) === (operand === true);
    case 'numeric':
      return compileNumeric(operand);
    case 'anything-but':
      return compileAnythingBut(operand);
    default:
      throw invalid(condition, `the operator ${String(operator)} is not known`);
  }
}

function textCondition(
  condition: unknown,
  operand: unknown,
  holds: (value: string, text: string) => boolean,
): Condition {
  if (typeof operand !== 'string') throw invalid(condition, 'the operator takes a string');
  return (value) => typeof value === 'string' && holds(value, operand);
}

function compileAnythingBut(operand: unknown): Condition {
  const excluded = (Array.isArray(operand) ? (operand as unknown[]) : [operand]).map(
    compileCondition,
  );
  // A field that is not there is not "anything".
  return (value) => value !== undefined && !excluded.some((condition) => condition(value));
}

const COMPARISONS: Record<string, (value: number, limit: number) => boolean> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

function compileNumeric(operand: unknown): Condition {
  const terms = Array.isArray(operand) ? (operand as unknown[]) : [];
  if (terms.length === 0 || terms.length % 2 === 1) {
    throw invalid(operand, 'numeric takes pairs of comparison and number');
  }
  const comparisons: ((value: number) => boolean)[] = [];
  for (let index = 0; index < terms.length; index += 2) {
    const compare = COMPARISONS[String(terms[index])];
    const limit = terms[index + 1];
    if (!compare || typeof limit !== 'number') throw invalid(operand, 'numeric: not a comparison');
    comparisons.push((value) => compare(value, limit));
  }
  // DynamoDB writes numbers as strings, so that numeric never matches them there: as on AWS.
  return (value) => typeof value === 'number' && comparisons.every((holds) => holds(value));
}

function parsePattern(pattern: string): unknown {
  try {
    return JSON.parse(pattern);
  } catch {
    throw invalid(pattern, 'it is not JSON');
  }
}

function field(document: unknown, key: string): unknown {
  return isObject(document) && Object.hasOwn(document, key) ? document[key] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const lower = (text: string) => text.toLowerCase();

function invalid(pattern: unknown, why: string): LocalCloudError {
  return new LocalCloudError(
    'FILTER_PATTERN_INVALID',
    `The filter pattern ${JSON.stringify(pattern)} cannot be used: ${why}. Mend it in serverless.yml.`,
  );
}
