import { expect, it } from 'vitest';
import { lifecycleRules } from '../../src/resources/kinds/bucket-lifecycle.ts';

function read(...Rules: Record<string, unknown>[]) {
  const warnings: string[] = [];
  const rules = lifecycleRules({ LifecycleConfiguration: { Rules } }, (line) =>
    warnings.push(line),
  );
  return { rules, warnings };
}

it('reads every rule that is carried out', () => {
  const { rules, warnings } = read(
    {
      Id: 'all',
      Status: 'Enabled',
      Prefix: 'in/',
      ExpirationInDays: '7',
      TagFilters: [{ Key: 'class', Value: 'raw' }],
      ObjectSizeGreaterThan: '10',
      ObjectSizeLessThan: '20',
      NoncurrentVersionExpiration: { NoncurrentDays: 3, NewerNoncurrentVersions: 2 },
    },
    { Id: 'date', Status: 'Disabled', ExpirationDate: '2030-01-01T00:00:00.000Z' },
    { Id: 'marker', Status: 'Enabled', ExpiredObjectDeleteMarker: 'true' },
    { Id: 'old', Status: 'Enabled', NoncurrentVersionExpirationInDays: 5 },
    { Id: 'abort', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
  );
  expect(warnings).toEqual([]);
  expect(rules.map(({ transitions, ...rule }) => rule)).toEqual([
    {
      id: 'all',
      isEnabled: true,
      filter: { prefix: 'in/', tags: { class: 'raw' }, largerThan: 10, smallerThan: 20 },
      expiration: { kind: 'days', days: 7 },
      noncurrent: { days: 3, keep: 2 },
    },
    {
      id: 'date',
      isEnabled: false,
      filter: { prefix: '', tags: {} },
      expiration: { kind: 'date', date: Date.UTC(2030, 0, 1) },
    },
    {
      id: 'marker',
      isEnabled: true,
      filter: { prefix: '', tags: {} },
      expiration: { kind: 'delete-markers' },
    },
    {
      id: 'old',
      isEnabled: true,
      filter: { prefix: '', tags: {} },
      noncurrent: { days: 5, keep: 0 },
    },
    { id: 'abort', isEnabled: true, filter: { prefix: '', tags: {} }, abortUploadsAfterDays: 1 },
  ]);
});

it('warns of transitions, and names rules without a name the same every time', () => {
  const rule = {
    Status: 'Enabled',
    Transitions: [{ StorageClass: 'GLACIER', TransitionInDays: 1 }],
  };
  const { rules, warnings } = read(rule);
  expect(warnings).toEqual([expect.stringContaining('moves nothing to another storage class')]);
  expect(rules[0]?.id).toMatch(/^[\w-]{16}$/);
  expect(read(rule).rules[0]?.id).toBe(rules[0]?.id);
});
