import { createHash } from 'node:crypto';
import type { Expiration, LifecycleRule } from '../../s3/lifecycle-rules.ts';
import type { Properties } from './kind.ts';
import { flag, number, record, records, text } from './properties.ts';

const TRANSITIONS = [
  'Transition',
  'Transitions',
  'NoncurrentVersionTransition',
  'NoncurrentVersionTransitions',
];

/**
 * `LifecycleConfiguration` of a bucket. Transitions are left away: there is one storage class here.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-rule.html
 */
export function lifecycleRules(
  properties: Properties,
  warn: (message: string) => void,
): LifecycleRule[] {
  const configuration = record(properties, 'LifecycleConfiguration') ?? {};
  return records(configuration, 'Rules').map((rule) => {
    const id = text(rule, 'Id') ?? generatedId(rule);
    if (TRANSITIONS.some((name) => rule[name] !== undefined)) {
      warn(`the lifecycle rule ${id} moves nothing to another storage class locally`);
    }
    const expiration = readExpiration(rule);
    const noncurrent = readNoncurrent(rule);
    const abort = record(rule, 'AbortIncompleteMultipartUpload');
    return {
      id,
      isEnabled: text(rule, 'Status') === 'Enabled',
      filter: readFilter(rule),
      ...(expiration && { expiration }),
      ...(noncurrent && { noncurrent }),
      ...(abort && { abortUploadsAfterDays: number(abort, 'DaysAfterInitiation') ?? Number.NaN }),
      transitions: {},
    };
  });
}

/** The same at every start, so that a bucket's rules are not made anew each time. */
function generatedId(rule: Properties): string {
  return createHash('sha256').update(JSON.stringify(rule)).digest('base64url').slice(0, 16);
}

function readExpiration(rule: Properties): Expiration | undefined {
  const days = number(rule, 'ExpirationInDays');
  if (days !== undefined) return { kind: 'days', days };
  const date = text(rule, 'ExpirationDate');
  if (date !== undefined) return { kind: 'date', date: Date.parse(date) };
  return flag(rule, 'ExpiredObjectDeleteMarker', false) ? { kind: 'delete-markers' } : undefined;
}

function readNoncurrent(rule: Properties): LifecycleRule['noncurrent'] {
  const expiration = record(rule, 'NoncurrentVersionExpiration');
  const days = expiration
    ? number(expiration, 'NoncurrentDays')
    : number(rule, 'NoncurrentVersionExpirationInDays');
  if (days === undefined) return undefined;
  return { days, keep: number(expiration ?? {}, 'NewerNoncurrentVersions') ?? 0 };
}

function readFilter(rule: Properties): LifecycleRule['filter'] {
  const tags = records(rule, 'TagFilters').map((tag) => [String(tag.Key), String(tag.Value)]);
  const [largerThan, smallerThan] = [
    number(rule, 'ObjectSizeGreaterThan'),
    number(rule, 'ObjectSizeLessThan'),
  ];
  return {
    prefix: text(rule, 'Prefix') ?? '',
    tags: Object.fromEntries(tags),
    ...(largerThan !== undefined && { largerThan }),
    ...(smallerThan !== undefined && { smallerThan }),
  };
}
