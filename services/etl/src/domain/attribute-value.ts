/**
 * A value of a table's item as a stream tells it: numbers as decimal text, binary in base64.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_AttributeValue.html
 */
export interface AttributeValue {
  readonly S?: string;
  readonly N?: string;
  readonly B?: string;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly L?: readonly AttributeValue[];
  readonly M?: Image;
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly string[];
}

/** An item, or its key. */
export type Image = Readonly<Record<string, AttributeValue>>;

/**
 * An item as JSON text. Numbers keep all their digits (DynamoDB has 38, a double 15 to 17), binary
 * is base64, names and sets are sorted, so that the same item always gives the same text.
 */
export function imageToJson(image: Image): string {
  const members = Object.entries(image)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => `${JSON.stringify(name)}:${valueToJson(value)}`);
  return `{${members.join(',')}}`;
}

function valueToJson(value: AttributeValue): string {
  if (value.S !== undefined) return JSON.stringify(value.S);
  if (value.N !== undefined) return jsonNumber(value.N);
  if (value.B !== undefined) return JSON.stringify(value.B);
  if (value.BOOL !== undefined) return String(value.BOOL);
  if (value.L !== undefined) return `[${value.L.map(valueToJson).join(',')}]`;
  if (value.M !== undefined) return imageToJson(value.M);
  if (value.NS !== undefined) return `[${value.NS.map(jsonNumber).sort(compareText).join(',')}]`;
  const texts = value.SS ?? value.BS;
  if (texts) return JSON.stringify([...texts].sort(compareText));
  return 'null';
}

/** What DynamoDB writes is JSON already; what another engine writes (`1E+20`, `+5`) may not be. */
function jsonNumber(digits: string): string {
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(digits) ? digits : JSON.stringify(digits);
}

/** An item as plain values, for validation: numbers as doubles, sets as arrays. */
export function imageToPlain(image: Image): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(image).map(([name, value]) => [name, valueToPlain(value)]),
  );
}

function valueToPlain(value: AttributeValue): unknown {
  if (value.N !== undefined) return Number(value.N);
  if (value.L !== undefined) return value.L.map(valueToPlain);
  if (value.M !== undefined) return imageToPlain(value.M);
  if (value.NS !== undefined) return value.NS.map(Number);
  return value.S ?? value.B ?? value.BOOL ?? value.SS ?? value.BS ?? null;
}

/** Keys are texts, numbers or binary. */
export function keyText(value: AttributeValue | undefined): string {
  const text = value?.S ?? value?.N ?? value?.B;
  if (text === undefined) throw new TypeError('A change of a table names the whole key.');
  return text;
}

/** By code units, the same everywhere. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
