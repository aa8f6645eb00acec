import { setTimeout as sleep } from 'node:timers/promises';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultPlanInput } from '../../src/faults/index.ts';
import { serveFunctions } from '../../src/lambda/channel/serve-functions.ts';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';
import { registration, runService } from '../edge/service-fixture.ts';

/** A host that stops a handler between any two of its steps. */
interface SandboxHost {
  readonly url: string;
  /** Every effect of the function, in order. */
  readonly effects: { readonly id: string; readonly step: number }[];
  /** Of the invocations that carried it. */
  readonly moments: number[];
  invocations: number;
  close(): Promise<void>;
}

const STEPS = 5;

/** @param stepMs how long each step takes */
async function startSandboxHost(stepMs: number): Promise<SandboxHost> {
  const effects: SandboxHost['effects'] = [];
  const moments: number[] = [];
  const { url, close } = await serveFunctions(async ({ payload, stopMoment, onStop }) => {
    host.invocations += 1;
    if (stopMoment !== undefined) moments.push(stopMoment);
    let isStopped = false;
    onStop(() => {
      isStopped = true;
    });
    const ids = idsOf(JSON.parse(payload));
    for (let step = 1; step <= STEPS && !isStopped; step += 1) {
      if (stepMs > 0) await sleep(stepMs);
      if (!isStopped) for (const id of ids) effects.push({ id, step });
    }
    return { status: 'success', body: '{}' };
  });
  const host: SandboxHost = { url, effects, moments, invocations: 0, close };
  return host;
}

function idsOf(event: {
  Records: { kinesis?: { data: string }; s3?: { object: { key: string } } }[];
}) {
  return event.Records.map(({ kinesis, s3 }) =>
    kinesis ? Buffer.from(kinesis.data, 'base64').toString() : (s3?.object.key ?? ''),
  );
}

let fixture: CloudFixture;
let host: SandboxHost;

async function start(stepMs = 0): Promise<void> {
  fixture = await startCloudFixture({ asyncRetryDelaysMs: [20, 20] });
  host = await startSandboxHost(stepMs);
  const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/events';
  await runService(
    fixture.cloud.edgeUrl,
    registration(
      {
        take: {
          events: [
            {
              stream: {
                type: 'kinesis',
                arn,
                startingPosition: 'TRIM_HORIZON',
                batchSize: 5,
                maximumRetryAttempts: 100,
              },
            },
          ],
        },
        see: {
          events: [{ s3: { bucket: 'uploads', event: 's3:ObjectCreated:*', existing: true } }],
        },
      },
      {
        Uploads: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'uploads' } },
        Events: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'events', ShardCount: 2 } },
      },
    ),
    host.url,
  );
}
beforeEach(() => start());
afterEach(async () => {
  await fixture.stop();
  await host.close();
});

/** Lets backoffs pass at once while something is waited for. */
async function skippingBackoffs(wait: () => Promise<unknown>): Promise<void> {
  const skipping = setInterval(() => fixture.cloud.clock.advance(5_000), 50);
  try {
    await wait();
  } finally {
    clearInterval(skipping);
  }
}

const use = (plan: Omit<FaultPlanInput, 'seed'>) => fixture.cloud.faults.use({ seed: 11, ...plan });
const injected = (kind: string) => fixture.cloud.faults.status()?.injected[kind] ?? 0;
const done = () => new Set(host.effects.filter(({ step }) => step === STEPS).map(({ id }) => id));
const times = (id: string, step = STEPS) =>
  host.effects.filter((effect) => effect.id === id && effect.step === step).length;

async function putRecords(ids: readonly string[]): Promise<void> {
  const kinesis = new KinesisClient(fixture.client);
  const Records = ids.map((id) => ({ PartitionKey: id, Data: Buffer.from(id) }));
  await kinesis.send(new PutRecordsCommand({ StreamName: 'events', Records }));
  kinesis.destroy();
}

async function upload(keys: readonly string[]): Promise<void> {
  const s3 = new S3Client({ ...fixture.client, forcePathStyle: true });
  for (const Key of keys)
    await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body: 'x' }));
}

const ids = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

describe('an invocation', () => {
  it('that fails before it runs, or is throttled, has no effect and comes again', async () => {
    use({ invocations: [{ error: 0.4, throttle: 0.4 }] });
    await putRecords(['a']);
    await skippingBackoffs(() => expect.poll(() => times('a'), { timeout: 30_000 }).toBe(1));
    // The one with the effect is the only one that reached the function.
    expect(host.invocations).toBe(1);
  });

  it('whose answer is lost has its effects and comes again', async () => {
    use({ invocations: [{ loseAnswer: 0.7 }] });
    await putRecords(['a']);
    const delivered = () => fixture.cloud.status().mappings[0]?.delivered;
    await skippingBackoffs(() => expect.poll(delivered, { timeout: 30_000 }).toBe(1));
    expect(injected('invocations.loseAnswer')).toBeGreaterThan(0);
    expect(times('a')).toBe(injected('invocations.loseAnswer') + 1);
  });

  it('comes late when the plan says so', async () => {
    use({ invocations: [{ latencyMs: [400, 400] }] });
    const putAt = performance.now();
    await putRecords(['a']);
    await expect.poll(() => times('a'), { timeout: 10_000, interval: 5 }).toBe(1);
    expect(performance.now() - putAt).toBeGreaterThan(395);
  });
});

describe('an invocation that is killed in the middle', () => {
  beforeEach(async () => {
    await fixture.stop();
    host.close();
    await start(10);
  });

  it.each(['kill', 'timeout'] as const)(
    'has the effects up to that moment and none after it, and comes again: %s',
    async (kind) => {
      use({ invocations: [{ [kind]: 1, strikeAfterMs: [15, 35] }] });
      await putRecords(['a']);
      await expect
        .poll(() => injected(`invocations.${kind}`), { timeout: 10_000 })
        .toBeGreaterThan(2);
      expect(times('a', 1)).toBeGreaterThan(0);
      expect(times('a')).toBe(0);
      expect(host.moments.length).toBeGreaterThan(0);
      expect(host.moments.every((moment) => moment >= 0 && moment < 1)).toBe(true);

      fixture.cloud.faults.use(undefined);
      await expect.poll(() => times('a'), { timeout: 30_000 }).toBe(1);
    },
  );
});

describe('a notification', () => {
  it('comes twice, as two invocations of the same event', async () => {
    use({ notifications: [{ function: '*-see', duplicate: 1 }] });
    await upload(['one', 'two']);
    await expect.poll(() => host.invocations, { timeout: 10_000 }).toBe(4);
    expect([times('one'), times('two')]).toEqual([2, 2]);
    expect(injected('notifications.duplicate')).toBe(2);
  });

  it('is overtaken by later ones', async () => {
    use({ notifications: [{ reorder: 0.5, reorderWithinMs: [200, 400] }] });
    const keys = ids('key', 12);
    await upload(keys);
    await expect.poll(() => done().size, { timeout: 10_000 }).toBe(12);
    const order = host.effects.filter(({ step }) => step === 1).map(({ id }) => id);
    expect(order).not.toEqual(keys);
    expect(order.toSorted()).toEqual(keys.toSorted());
    expect(injected('notifications.reorder')).toBeGreaterThan(0);
  });

  it('that is held back is not forgotten by a restart', async () => {
    use({ notifications: [{ delayMs: [60_000, 60_000] }] });
    await upload(['later']);
    await sleep(100);
    expect(host.invocations).toBe(0);
    const row = fixture.cloud.state.db.prepare('SELECT count(*) AS n FROM async_invocations').get();
    expect(row).toEqual({ n: 1 });
    fixture.cloud.clock.advance(60_000);
    await expect.poll(() => times('later'), { timeout: 10_000 }).toBe(1);
  });
});

it('loses nothing under a plan full of faults', async () => {
  use({
    invocations: [
      // An asynchronous invocation may fail thrice and be given up: that would be no loss of ours.
      { function: '*-see', throttle: 0.2, loseAnswer: 0.2 },
      {
        throttle: 0.1,
        error: 0.1,
        kill: 0.1,
        loseAnswer: 0.1,
        timeout: 0.05,
        strikeAfterMs: [0, 5],
      },
    ],
    notifications: [{ duplicate: 0.3, reorder: 0.3, reorderWithinMs: [5, 50], delayMs: [0, 20] }],
    kinesis: [{ putFailure: 0.2 }],
    api: [{ latencyMs: [0, 5], throttle: 0.05, fail: 0.05, failAfter: 0.05 }],
  });
  const kinesis = new KinesisClient({ ...fixture.client, maxAttempts: 15 });
  const s3 = new S3Client({ ...fixture.client, forcePathStyle: true, maxAttempts: 15 });
  const records = ids('record', 60);
  const keys = ids('object', 20);
  await Promise.all([
    ...records.map((id) => putUntilTaken(kinesis, id)),
    ...keys.map((Key) => s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body: 'x' }))),
  ]);
  kinesis.destroy();
  const missing = () => [...records, ...keys].filter((id) => !done().has(id));
  await skippingBackoffs(() => expect.poll(missing, { timeout: 50_000 }).toEqual([]));
  const kinds = Object.keys(fixture.cloud.faults.status()?.injected ?? {});
  // How records are cut into batches, and so how many invocations meet a fate, is the scheduler's.
  expect(kinds.filter((kind) => kind.startsWith('invocations.')).length).toBeGreaterThanOrEqual(2);
  expect(kinds).toEqual(
    expect.arrayContaining(['notifications.duplicate', 'kinesis.putFailure', 'api.failAfter']),
  );
});

/** As a producer must: what was refused is put again. */
async function putUntilTaken(kinesis: KinesisClient, id: string): Promise<void> {
  const Records = [{ PartitionKey: id, Data: Buffer.from(id) }];
  for (;;) {
    const answer = await kinesis.send(new PutRecordsCommand({ StreamName: 'events', Records }));
    if (answer.FailedRecordCount === 0) return;
  }
}
