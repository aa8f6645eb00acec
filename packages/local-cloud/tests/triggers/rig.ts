import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import type { StreamTable } from '../../src/dynamodb/stream-table.ts';
import type { KinesisLog } from '../../src/engines/kinesis-reader.ts';
import { createAsyncInvocations } from '../../src/lambda/async-invocations.ts';
import { createFunctionRegistry } from '../../src/lambda/function-registry.ts';
import { createInvoker } from '../../src/lambda/invoker.ts';
import type {
  FunctionDefinition,
  QueueTrigger,
  StreamTrigger,
  TriggerDefinition,
} from '../../src/ports.ts';
import { openState } from '../../src/state.ts';
import type { AwsEndpoints } from '../../src/triggers/aws-clients.ts';
import { createTriggerRunner } from '../../src/triggers/runner.ts';
import { type FunctionHost, startFunctionHost } from './function-host.ts';

export const FUNCTION = 'millrace-test-local-consume';
const ACCOUNT = 'us-east-1:000000000000';
export const STREAM_ARN = `arn:aws:kinesis:${ACCOUNT}:stream/events`;
export const tableArn = (table: string) =>
  `arn:aws:dynamodb:${ACCOUNT}:table/${table}/stream/local`;
export const QUEUE_ARN = `arn:aws:sqs:${ACCOUNT}:jobs`;
export const DEAD_LETTERS_ARN = `arn:aws:sqs:${ACCOUNT}:dead-letters`;

export function functionDefinition(
  name = FUNCTION,
  change: Partial<FunctionDefinition> = {},
): FunctionDefinition {
  return {
    name,
    service: 'test',
    timeoutSeconds: 5,
    memoryMb: 128,
    async: { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 },
    ...change,
  };
}

export function streamTrigger(change: Partial<StreamTrigger> = {}): StreamTrigger {
  return {
    kind: 'kinesis',
    functionName: FUNCTION,
    sourceArn: STREAM_ARN,
    enabled: true,
    batchSize: 10,
    batchWindowSeconds: 0,
    startingPosition: 'TRIM_HORIZON',
    parallelizationFactor: 1,
    maximumRetryAttempts: 2,
    maximumRecordAgeSeconds: -1,
    bisectBatchOnFunctionError: false,
    reportBatchItemFailures: true,
    tumblingWindowSeconds: 0,
    onFailureArn: DEAD_LETTERS_ARN,
    filterPatterns: [],
    ...change,
  };
}

export function queueTrigger(change: Partial<QueueTrigger> = {}): QueueTrigger {
  return {
    kind: 'sqs',
    functionName: FUNCTION,
    sourceArn: QUEUE_ARN,
    enabled: true,
    batchSize: 10,
    batchWindowSeconds: 0,
    reportBatchItemFailures: true,
    filterPatterns: [],
    ...change,
  };
}

/** The triggers of one service against real engines, with a host that plays the service. */
export async function createRig(engines: {
  endpoints: AwsEndpoints;
  kinesisLog: KinesisLog;
  streams?: StreamTable | undefined;
}) {
  const { endpoints, kinesisLog: kinesis, streams } = engines;
  const dir = mkdtempSync(join(tmpdir(), 'millrace-triggers-'));
  const host = await startFunctionHost();
  const sent: { target: string; body: Record<string, unknown> }[] = [];
  const running = new Set<{ stop(): Promise<void> }>();

  /**
   * One life of the cloud process: what it knows at its start is what is in the state folder.
   * @param idlePollMs how often shards are read that nobody has announced anything of
   */
  function start(triggers: readonly TriggerDefinition[], idlePollMs?: number) {
    const state = openState(dir);
    const clock = systemClock;
    const registry = createFunctionRegistry();
    registry.define('test', [functionDefinition()]);
    registry.setEndpoint('test', host.lambdaUrl);
    const invoker = createInvoker({ registry, clock });
    const sink = {
      async send(target: string, body: string) {
        sent.push({ target, body: JSON.parse(body) as Record<string, unknown> });
      },
    };
    const log = { info: () => undefined, warn: () => undefined };
    const shared = { state, clock, invoker, registry, sink, log };
    const async = createAsyncInvocations(shared);
    const runner = createTriggerRunner({
      ...{ ...shared, async, endpoints, kinesis },
      ...(streams && { streams }),
      ...(idlePollMs && { idlePollMs: { kinesis: idlePollMs, dynamodb: idlePollMs } }),
    });
    runner.apply('test', triggers);
    const life = {
      runner,
      registry,
      async,
      state,
      async stop() {
        running.delete(life);
        await runner.stop();
        await async.stop();
        invoker.close();
        state.close();
      },
    };
    running.add(life);
    return life;
  }

  return {
    dir,
    host: host as FunctionHost,
    sent,
    start,
    async close() {
      for (const life of running) await life.stop();
      await host.close();
      rmSync(dir, { recursive: true });
    },
  };
}

export type Rig = Awaited<ReturnType<typeof createRig>>;
