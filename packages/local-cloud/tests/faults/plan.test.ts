import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkFaultPlan, parseFaultPlan } from '../../src/faults/parse-plan.ts';

const problem = (text: string) => {
  try {
    parseFaultPlan(text, 'millrace.faults.yml');
    return 'none';
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
};

it('fills in what a plan does not say', () => {
  expect(parseFaultPlan('{"seed": 42, "invocations": [{"kill": 0.5}]}')).toMatchObject({
    seed: 42,
    invocations: [{ function: '*', kill: 0.5, throttle: 0, latencyMs: [0, 0] }],
    notifications: [],
    clock: { skewMs: [0, 0] },
  });
  expect(checkFaultPlan({ seed: 1 }).api).toEqual([]);
});

it.each([
  ['no seed', 'api: []', /FAULTS_INVALID: millrace\.faults\.yml is not valid at seed/],
  ['a seed that is no whole number', 'seed: 1.5', /at seed \(line 1\)/],
  [
    'an unknown key',
    'seed: 1\ninvocations:\n  - kil: 0.1',
    /at invocations\[0\] \(line 3\).*"kil"/,
  ],
  ['an unknown list', 'seed: 1\nstreams: []', /at its top level \(line 1\).*"streams"/],
  [
    'a chance above 1',
    'seed: 1\n\nqueues: [{duplicate: 2}]',
    /at queues\[0\]\.duplicate \(line 3\)/,
  ],
  ['a chance below 0', 'seed: 1\nkinesis: [{putFailure: -0.1}]', /at kinesis\[0\]\.putFailure/],
  [
    'chances that exceed 1 together',
    'seed: 1\ninvocations: [{kill: 0.6, error: 0.6}]',
    /at invocations\[0\] \(line 2\): .*together must not exceed 1/,
  ],
  ['a span the wrong way round', 'seed: 1\napi: [{latencyMs: [9, 1]}]', /at api\[0\]\.latencyMs/],
  ['a service that there is not', 'seed: 1\napi: [{service: dynamo}]', /at api\[0\]\.service/],
  ['broken YAML', 'seed: 1\napi: [{', /FAULTS_INVALID: .*at line 2/],
  ['nothing', '', /at its top level/],
])('refuses %s with the place', (_, text, message) => {
  expect(problem(text)).toMatch(message);
  expect(problem(text)).not.toContain('\n');
});

it('takes the plan that the documentation shows', () => {
  const page = new URL('../../../../docs/faults-and-time.md', import.meta.url);
  const [, shown = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8')) ?? [];
  expect(parseFaultPlan(shown)).toMatchObject({ seed: 42, queues: [{ duplicate: 0.1 }] });
});
