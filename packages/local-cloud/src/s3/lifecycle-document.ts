import { randomUUID } from 'node:crypto';
import { S3Error } from './errors.ts';
import type { Expiration, LifecycleFilter, LifecycleRule } from './lifecycle-rules.ts';
import { checkTags, type Tags } from './tagging.ts';
import { childrenOf, parseXml, textOf, type XmlElement, type XmlValue } from './xml.ts';

const MAX_RULES = 1000;
const MAX_TAGS = 10;
const TRANSITIONS = ['Transition', 'NoncurrentVersionTransition'];
const ACTIONS = [
  'Expiration',
  'NoncurrentVersionExpiration',
  'AbortIncompleteMultipartUpload',
  ...TRANSITIONS,
];

/**
 * Reads the document of PutBucketLifecycleConfiguration.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
 *
 * @throws S3Error MalformedXML, InvalidArgument, InvalidRequest, InvalidTag
 */
export function readLifecycle(text: string): LifecycleRule[] {
  const rules = childrenOf(parseXml(text, 'LifecycleConfiguration'), 'Rule').map(readRule);
  checkRules(rules);
  return rules;
}

/** @throws S3Error MalformedXML, InvalidArgument */
export function checkRules(rules: readonly LifecycleRule[]): void {
  if (rules.length === 0 || rules.length > MAX_RULES) throw new S3Error('MalformedXML');
  if (new Set(rules.map(({ id }) => id)).size < rules.length) {
    throw invalid('Rule ID must be unique. Found same ID for more than one rule');
  }
  for (const { id, expiration, noncurrent, abortUploadsAfterDays, filter } of rules) {
    if (id.length > 255) throw invalid('ID length should not exceed allowed limit of 255');
    if (expiration?.kind === 'days') positive(expiration.days, 'Days', 'Expiration');
    if (expiration?.kind === 'date' && !(expiration.date % 86_400_000 === 0)) {
      throw invalid("'Date' must be at midnight GMT");
    }
    if (noncurrent) {
      positive(noncurrent.days, 'NoncurrentDays', 'NoncurrentVersionExpiration');
    }
    const hasTags = Object.keys(filter.tags).length > 0;
    if (expiration?.kind === 'delete-markers' && hasTags) {
      throw new S3Error('InvalidRequest', {
        message: 'ExpiredObjectDeleteMarker cannot be specified with Tags.',
      });
    }
    if (abortUploadsAfterDays === undefined) continue;
    positive(abortUploadsAfterDays, 'DaysAfterInitiation', 'AbortIncompleteMultipartUpload');
    if (hasTags || filter.largerThan !== undefined || filter.smallerThan !== undefined) {
      throw new S3Error('InvalidRequest', {
        message: 'AbortIncompleteMultipartUpload cannot be specified with Tags or sizes.',
      });
    }
  }
}

function positive(days: number, name: string, action: string): void {
  if (Number.isSafeInteger(days) && days > 0) return;
  throw invalid(`'${name}' for ${action} action must be a positive integer`);
}

function invalid(message: string): S3Error {
  return new S3Error('InvalidArgument', { message });
}

function readRule(rule: XmlElement): LifecycleRule {
  const status = textOf(rule, 'Status');
  if (status !== 'Enabled' && status !== 'Disabled') throw new S3Error('MalformedXML');
  if (ACTIONS.every((action) => childrenOf(rule, action).length === 0)) {
    throw new S3Error('InvalidRequest', {
      message: 'At least one action needs to be specified in a rule',
    });
  }
  const expiration = readExpiration(childrenOf(rule, 'Expiration')[0]);
  const noncurrent = readNoncurrent(childrenOf(rule, 'NoncurrentVersionExpiration')[0]);
  const abort = childrenOf(rule, 'AbortIncompleteMultipartUpload')[0];
  return {
    id: textOf(rule, 'ID') || randomUUID(),
    isEnabled: status === 'Enabled',
    filter: readFilter(rule),
    ...(expiration && { expiration }),
    ...(noncurrent && { noncurrent }),
    ...(abort && { abortUploadsAfterDays: numberOf(abort, 'DaysAfterInitiation') ?? Number.NaN }),
    transitions: Object.fromEntries(
      TRANSITIONS.flatMap((name) => {
        const elements = childrenOf(rule, name);
        return elements.length > 0 ? [[name, elements]] : [];
      }),
    ),
  };
}

function readExpiration(element: XmlElement | undefined): Expiration | undefined {
  if (element === undefined) return undefined;
  const [days, date] = [numberOf(element, 'Days'), textOf(element, 'Date')];
  const marker = textOf(element, 'ExpiredObjectDeleteMarker');
  if ([days, date, marker].filter((one) => one !== undefined).length !== 1) {
    throw new S3Error('MalformedXML');
  }
  if (days !== undefined) return { kind: 'days', days };
  if (date !== undefined) return { kind: 'date', date: Date.parse(date) };
  return marker?.trim() === 'true' ? { kind: 'delete-markers' } : undefined;
}

function readNoncurrent(element: XmlElement | undefined): LifecycleRule['noncurrent'] {
  if (element === undefined) return undefined;
  const keep = numberOf(element, 'NewerNoncurrentVersions') ?? 0;
  return { days: numberOf(element, 'NoncurrentDays') ?? Number.NaN, keep };
}

/** The filter; in old documents, the prefix of the rule itself. */
function readFilter(rule: XmlElement): LifecycleFilter {
  const [filter] = childrenOf(rule, 'Filter');
  const [and] = childrenOf(filter, 'And');
  const conditions = and ?? filter;
  const pairs = childrenOf(conditions, 'Tag').map(
    (tag) => [textOf(tag, 'Key') ?? '', textOf(tag, 'Value') ?? ''] as const,
  );
  const [largerThan, smallerThan] = [
    numberOf(conditions, 'ObjectSizeGreaterThan'),
    numberOf(conditions, 'ObjectSizeLessThan'),
  ];
  return {
    prefix: textOf(conditions, 'Prefix') ?? textOf(rule, 'Prefix') ?? '',
    tags: checkTags(pairs, MAX_TAGS),
    ...(largerThan !== undefined && { largerThan }),
    ...(smallerThan !== undefined && { smallerThan }),
  };
}

function numberOf(element: XmlElement | undefined, name: string): number | undefined {
  const text = textOf(element, name)?.trim();
  if (text === undefined) return undefined;
  return /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** A rule as GetBucketLifecycleConfiguration shows it. */
export function renderRule(rule: LifecycleRule): XmlValue {
  return {
    ID: rule.id,
    Filter: renderFilter(rule.filter),
    Status: rule.isEnabled ? 'Enabled' : 'Disabled',
    Expiration: rule.expiration && renderExpiration(rule.expiration),
    NoncurrentVersionExpiration: rule.noncurrent && {
      NoncurrentDays: rule.noncurrent.days,
      NewerNoncurrentVersions: rule.noncurrent.keep || undefined,
    },
    AbortIncompleteMultipartUpload:
      rule.abortUploadsAfterDays === undefined
        ? undefined
        : { DaysAfterInitiation: rule.abortUploadsAfterDays },
    ...(rule.transitions as Record<string, XmlValue>),
  };
}

function renderExpiration(expiration: Expiration): XmlValue {
  switch (expiration.kind) {
    case 'days':
      return { Days: expiration.days };
    case 'date':
      return { Date: new Date(expiration.date).toISOString() };
    case 'delete-markers':
      return { ExpiredObjectDeleteMarker: true };
  }
}

function renderFilter({ prefix, tags, largerThan, smallerThan }: LifecycleFilter): XmlValue {
  const conditions = {
    Prefix: prefix || undefined,
    Tag: renderTags(tags),
    ObjectSizeGreaterThan: largerThan,
    ObjectSizeLessThan: smallerThan,
  };
  const count =
    Object.keys(tags).length +
    [prefix || undefined, largerThan, smallerThan].filter((one) => one !== undefined).length;
  if (count === 0) return { Prefix: '' };
  return count === 1 ? conditions : { And: conditions };
}

function renderTags(tags: Tags): XmlValue {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
