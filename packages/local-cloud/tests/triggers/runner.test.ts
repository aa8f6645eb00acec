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
import { NO_KINESIS } from './engines.ts';
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
    kinesis: NO_KINESIS,
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
  [
    'a mapping that a poison record blocks for days',
    streamTrigger({ maximumRetryAttempts: -1 }),
    'maximumRetryAttempts',
  ],
  ['a bad filter', streamTrigger({ filterPatterns: [{ data: 'x' }] }), 'does not run'],
  [
    'more filters than AWS gives unasked',
    streamTrigger({ filterPatterns: Array(6).fill({ data: ['x'] }) }),
    'more than 5 filters',
  ],
  ['a sound mapping', streamTrigger(), undefined],
  ['tumbling windows', streamTrigger({ tumblingWindowSeconds: 60 }), undefined],
  ['a bucket for failures', streamTrigger({ onFailureArn: 'arn:aws:s3:::b' }), undefined],
])('warns of %s', (_, trigger, warning) => {
  const found = triggerWarnings(trigger);
  if (warning === undefined) expect(found).toEqual([]);
  else expect(found).toEqual([expect.stringContaining(warning)]);
});

it.each<[string, TriggerDefinition, string]>([
  ['no record in a batch', streamTrigger({ batchSize: 0 }), 'BatchSize'],
  ['too many records in a batch', streamTrigger({ batchSize: 10_001 }), 'BatchSize'],
  ['half a record', streamTrigger({ batchSize: 1.5 }), 'whole number'],
  ['a long batching window', streamTrigger({ batchWindowSeconds: 301 }), 'BatchingWindow'],
  ['no lane', streamTrigger({ parallelizationFactor: 0 }), 'ParallelizationFactor'],
  ['too many lanes', streamTrigger({ parallelizationFactor: 11 }), 'ParallelizationFactor'],
  ['fewer retries than none', streamTrigger({ maximumRetryAttempts: -2 }), 'RetryAttempts'],
  ['too many retries', streamTrigger({ maximumRetryAttempts: 10_001 }), 'RetryAttempts'],
  ['a short record age', streamTrigger({ maximumRecordAgeSeconds: 59 }), '-1 or a whole number'],
  ['a long record age', streamTrigger({ maximumRecordAgeSeconds: 604_801 }), 'RecordAge'],
  ['a long tumbling window', streamTrigger({ tumblingWindowSeconds: 901 }), 'TumblingWindow'],
  [
    'windows of several lanes',
    streamTrigger({ tumblingWindowSeconds: 60, parallelizationFactor: 2 }),
    'ParallelizationFactor of 1',
  ],
  [
    'a table from a timestamp',
    streamTrigger({ kind: 'dynamodb', startingPosition: 'AT_TIMESTAMP' }),
    'AT_TIMESTAMP',
  ],
  [
    'no timestamp',
    streamTrigger({ startingPosition: 'AT_TIMESTAMP' }),
    'StartingPositionTimestamp',
  ],
  ['a destination that cannot be', streamTrigger({ onFailureArn: 'arn:aws:lambda:x' }), 'neither'],
  ['eleven filters', streamTrigger({ filterPatterns: Array(11).fill({ data: ['x'] }) }), 'filters'],
  ['a large queue batch without a window', queueTrigger({ batchSize: 11 }), 'batch window'],
  ['a concurrency of one', queueTrigger({ maximumConcurrency: 1 }), 'MaximumConcurrency'],
  [
    'a large batch of a FIFO queue',
    queueTrigger({ sourceArn: 'arn:aws:sqs:x:0:a.fifo', batchSize: 11, batchWindowSeconds: 1 }),
    'FIFO',
  ],
])('does not run what AWS refuses: %s', (_, trigger, reason) => {
  expect(triggerWarnings(trigger)).toEqual([expect.stringContaining(reason)]);
  runner.apply('one', [trigger]);
  expect(runner.status()).toEqual([]);
});
