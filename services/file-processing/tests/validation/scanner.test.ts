import { expect, it } from 'vitest';
import { judgeScan } from '../../src/domain/validation/scanner.ts';

it('passes what is clean and waits for what is pending', () => {
  expect(judgeScan({ kind: 'clean' }, 'reject')).toEqual({ kind: 'passed' });
  expect(judgeScan({ kind: 'pending' }, 'allow')).toEqual({ kind: 'pending' });
});

it('rejects malware whatever the policy, and shows of its name what can be shown', () => {
  const name = `Win.Test/<script>\u202e\n${'x'.repeat(500)}`;
  const verdict = judgeScan({ kind: 'infected', name }, 'allow');
  const message = expect.stringMatching(/^[\x20-\x7e]{1,200}$/);
  expect(verdict).toEqual({ kind: 'rejected', reason: { code: 'malware_found', message } });
  expect(JSON.stringify(verdict)).not.toContain('<script>');
});

it.each(['too_large', 'encrypted', 'unsupported'] as const)(
  'rejects what could not be looked into (%s), unless that is allowed',
  (why) => {
    const result = { kind: 'unscannable', why } as const;
    expect(judgeScan(result, 'reject')).toMatchObject({ reason: { code: 'not_scannable' } });
    expect(judgeScan(result, 'allow')).toEqual({ kind: 'passed' });
  },
);
