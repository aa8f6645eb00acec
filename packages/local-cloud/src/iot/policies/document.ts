import * as z from 'zod/mini';
import { IotError } from '../registry/iot-error.ts';

/** One statement of a policy, its lists always lists. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly Condition[];
}

/** Holds when the key's value agrees with one of the values. */
export interface Condition {
  readonly operator: ConditionOperator;
  readonly key: string;
  readonly values: readonly string[];
}

const OPERATORS = [
  'Bool',
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
] as const;
export type ConditionOperator = (typeof OPERATORS)[number];

const texts = z.union([z.string(), z.array(z.string()).check(z.minLength(1))]);
const scalars = z.union([z.string(), z.boolean(), z.number()]);
const statement = z.strictObject({
  Sid: z.optional(z.string()),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts,
  Resource: texts,
  Condition: z.optional(
    z.record(z.string(), z.record(z.string(), z.union([scalars, z.array(scalars)]))),
  ),
});
const document = z.strictObject({
  Version: z.optional(z.enum(['2012-10-17', '2008-10-17'])),
  Id: z.optional(z.string()),
  Statement: z.array(statement),
});

/** https://docs.aws.amazon.com/general/latest/gr/iot-core.html#limits_iot */
const MAX_BYTES = 2048;

/**
 * Reads a policy of AWS IoT. What would be understood in AWS and is not here is refused, rather than
 * allowed or denied by mistake.
 *
 * @throws IotError MalformedPolicyException
 */
export function parsePolicy(text: string): readonly Statement[] {
  // As AWS counts: without what is written for the eye.
  if (Buffer.byteLength(text.replace(/\s/g, '')) > MAX_BYTES) {
    throw malformed(`it is longer than ${MAX_BYTES} bytes`);
  }
  const parsed = document.safeParse(withStatements(jsonOf(text)));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw malformed(`${issue?.path.join('.') || 'the document'}: ${issue?.message}`);
  }
  return parsed.data.Statement.map((one) => ({
    effect: one.Effect,
    actions: [one.Action].flat(),
    resources: [one.Resource].flat(),
    conditions: Object.entries(one.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({
        operator: operatorOf(operator),
        key,
        values: [values].flat().map(String),
      })),
    ),
  }));
}

/** A single statement needs no list around it. */
function withStatements(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('Statement' in value)) return value;
  return { ...value, Statement: [value.Statement].flat() };
}

function operatorOf(name: string): ConditionOperator {
  const known = OPERATORS.find((operator) => operator === name);
  if (known) return known;
  throw malformed(
    `the condition operator ${name} is not offered here (${OPERATORS.join(', ')} are)`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('it is not JSON');
  }
}

function malformed(reason: string): IotError {
  return new IotError(
    'MalformedPolicyException',
    400,
    `The policy document is refused: ${reason}.`,
  );
}
