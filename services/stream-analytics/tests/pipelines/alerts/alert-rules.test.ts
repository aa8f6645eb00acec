import { expect, test } from 'vitest';
import { type AlertRule, declareRules } from '../../../src/pipelines/alerts/alert-rule.ts';
import { ALERT_RULES } from '../../../src/pipelines/alerts/alert-rules.ts';
import { MANY_ERRORS } from './watching-metrics.ts';

test.each<[string, Partial<AlertRule>, string]>([
  ['an id that cannot be a key', { id: 'a#b' }, 'needs an id'],
  ['a window that is not kept', { metric: 'activity.users' }, 'asks for windows of 1m'],
  ['a detail that is not kept', { measure: 'p95', empty: 'skip' }, 'needs quantiles'],
  ['a sum where there is none', { measure: 'sum' }, 'has no sum'],
  [
    'a mean of nothing',
    { metric: 'order', measure: 'mean', empty: 'zero' },
    'has no mean of nothing',
  ],
  [
    'both conditions',
    { anomaly: { off: 'above', deviations: 3, halfLife: 5 } },
    'either a threshold or an anomaly',
  ],
  ['no row', { fireAfter: 0 }, 'whole numbers of windows'],
])('a rule with %s is refused where it is declared', (_, changed, why) => {
  expect(() => declareRules([{ ...MANY_ERRORS, ...changed }])).toThrow(why);
});

test('two rules do not have one id', () => {
  expect(() => declareRules([MANY_ERRORS, MANY_ERRORS])).toThrow('one id');
});

test('every rule tells in Korean and in English what is the matter', () => {
  for (const { title } of ALERT_RULES) {
    expect(title.ko).toMatch(/[가-힣]/);
    expect(title.en).toMatch(/^[A-Z][a-z ]+/);
  }
});
