import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createFunctionRegistry } from '../../src/lambda/function-registry.ts';
import type { TopicRuleTrigger, TriggerDefinition } from '../../src/ports.ts';
import { type CloudState, openState } from '../../src/state.ts';
import { createTriggerRunner, type LocalTriggerRunner } from '../../src/triggers/runner.ts';
import { triggerWarnings } from '../../src/triggers/warnings.ts';
import { queueTrigger, streamTrigger } from './rig.ts';

const RULE: TopicRuleTrigger = {
  kind: 'iot',
  ruleName: 'telemetry',
  sql: "SELECT * FROM 'devices/+/telemetry'",
  enabled: true,
  actions: [{ kind: 'lambda', functionName: 'ingest' }],
};
const SCHEDULE: TriggerDefinition = {
  kind: 'schedule',
  functionName: 'tick',
  name: 'nightly',
  expression: 'cron(0 3 * * ? *)',
  enabled: true,
};

let dir: string;
let state: CloudState;
let runner: LocalTriggerRunner;
let warnings: string[];
let rules: Map<string, readonly TopicRuleTrigger[]>;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-runner-'));
  state = openState(dir);
  warnings = [];
  rules = new Map();
  runner = createTriggerRunner({
    state,
    clock: systemClock,
    registry: createFunctionRegistry(),
    invoker: { invoke: async () => ({ kind: 'unavailable' }) },
    async: { enqueue: () => ({ requestId: 'r' }) },
    sink: { send: async () => undefined },
    endpoints: { edgeUrl: 'http://127.0.0.1:1' },
    log: { info: () => undefined, warn: (message) => warnings.push(message) },
    topicRules: {
      apply: (service, applied) => rules.set(service, applied),
      remove: (service) => rules.delete(service),
    },
  });
});
afterEach(async () => {
  await runner.stop();
  state.close();
  rmSync(dir, { recursive: true });
});

const states = () =>
  runner.status().map((status) => `${status.kind} ${status.functionName} ${status.state}`);

it('hands topic rules over and takes them back', () => {
  runner.apply('iot', [RULE, SCHEDULE]);
  expect(rules.get('iot')).toEqual([RULE]);
  expect(states()).toEqual(['schedule tick waiting-for-function']);
  runner.remove('iot');
  expect(rules.has('iot')).toBe(false);
  expect(states()).toEqual([]);
});

it('replaces the triggers of one service and leaves those of others alone', () => {
  runner.apply('one', [SCHEDULE]);
  runner.apply('two', [{ ...SCHEDULE, functionName: 'tock' }]);
  runner.apply('one', [{ ...SCHEDULE, functionName: 'tick2' }]);
  expect(states().sort()).toEqual([
    'schedule tick2 waiting-for-function',
    'schedule tock waiting-for-function',
  ]);
});

it('shows a disabled trigger and does not run it', () => {
  runner.apply('one', [queueTrigger({ enabled: false, functionName: 'off' })]);
  expect(states()).toEqual(['sqs off disabled']);
});

it('runs the other triggers beside one that AWS would refuse, and says so', () => {
  runner.apply('one', [{ ...SCHEDULE, functionName: 'bad', expression: 'rate(never)' }, SCHEDULE]);
  expect(states()).toEqual(['schedule tick waiting-for-function']);
  expect(warnings).toEqual([expect.stringContaining('rate(never)')]);
});

it.each<[string, TriggerDefinition, string | undefined]>([
  ['tumbling windows', streamTrigger({ tumblingWindowSeconds: 60 }), 'tumbling windows'],
  [
    'a mapping that a poison record blocks for days',
    streamTrigger({ maximumRetryAttempts: -1 }),
    'maximumRetryAttempts',
  ],
  ['a bad filter', streamTrigger({ filterPatterns: [{ data: 'x' }] }), 'does not run'],
  ['a large batch without a window', queueTrigger({ batchSize: 100 }), 'batch window'],
  ['a destination that cannot be', streamTrigger({ onFailureArn: 'arn:aws:s3:::b' }), 'neither'],
  ['a sound mapping', streamTrigger(), undefined],
])('warns of %s', (_, trigger, warning) => {
  const found = triggerWarnings(trigger);
  if (warning === undefined) expect(found).toEqual([]);
  else expect(found).toEqual([expect.stringContaining(warning)]);
});
