import { describe, expect, it } from 'vitest';
import type { Filter } from '../../src/dead-letters/entry.ts';
import type { Answer, Invoke } from '../../src/dead-letters/invoke.ts';
import { listEntries } from '../../src/dead-letters/list-entries.ts';
import { type QueueMessage, readMessage } from '../../src/dead-letters/queue-messages.ts';
import { redriveEntries } from '../../src/dead-letters/redrive-entries.ts';
import { RedriveReport } from '../../src/dead-letters/redrive-report.ts';
import type { MessageQueue } from '../../src/dead-letters/walk-queue.ts';

const ruleError = (n: number, more = {}) =>
  JSON.stringify({
    ...{ ruleName: 'millrace_local_telemetry', topic: `devices/wheel-${n}/telemetry` },
    ...{ cloudwatchTraceId: `trace-${n}`, clientId: `wheel-${n}` },
    base64OriginalPayload: Buffer.from(`reading ${n}`).toString('base64'),
    failures: [{ failedAction: 'LambdaAction', errorMessage: 'not authorized' }],
    ...more,
  });

/** At most three at once; what was received is hidden until it is shown. */
function memoryQueue(bodies: readonly string[]) {
  const messages = new Map(bodies.map((body, at) => [`m${at}`, body]));
  const hidden = new Set<string>();
  let receipts = 0;
  const idOf = (receipt: string) => receipt.split('/')[0] ?? '';
  const queue: MessageQueue = {
    async receive() {
      const free = [...messages].filter(([id]) => !hidden.has(id)).slice(0, 3);
      for (const [id] of free) hidden.add(id);
      return free.map(([id, body]): QueueMessage => {
        receipts += 1;
        return { id, body, sentAt: 1_000, receipt: `${id}/${receipts}`, attributes: {} };
      });
    },
    async remove({ receipt }) {
      messages.delete(idOf(receipt));
    },
    async hide({ receipt }, seconds) {
      if (seconds === 0) hidden.delete(idOf(receipt));
    },
  };
  return { queue, left: () => [...messages.keys()], hidden };
}

const sourcesOf = (queue: MessageQueue, invoke: Invoke) => ({
  ...{ stage: 'local', letters: [], queues: [{ service: 'iot-ingest', queue }], invoke },
  reader: { iterator: async () => undefined, page: () => Promise.reject(new Error('no page')) },
});

async function redrive(
  queue: MessageQueue,
  invoke: Invoke,
  {
    signal = new AbortController().signal,
    ...filter
  }: Partial<Filter> & { signal?: AbortSignal } = {},
) {
  const report = new RedriveReport();
  await redriveEntries(sourcesOf(queue, invoke), {
    ...{ filter: { ids: [], ...filter }, report, limit: 100, isForced: false, signal },
    ...{ holder: 'h', now: Date.now, pace: async () => {}, onProgress: () => {} },
  });
  return report;
}

const deviceOf = (event: unknown) => (event as { deviceId: string }).deviceId;
const many = (count: number) => Array.from({ length: count }, (_, n) => ruleError(n));
const answered = (outcome: string): Answer => ({ kind: 'answered', payload: { outcome } });

describe('redriving a queue', () => {
  it('takes out what the function has answered for, and leaves the rest to be seen', async () => {
    const others = [ruleError(90, { ruleName: 'millrace_local_presence' }), 'not JSON'];
    const { queue, left, hidden } = memoryQueue([...many(8), ...others]);
    const answers: Record<string, Answer> = {
      'wheel-2': answered('rejected'),
      'wheel-4': { kind: 'failed', reason: 'table away' },
      'wheel-5': answered('over_quota'),
    };
    const report = await redrive(
      queue,
      async (_, event) => answers[deviceOf(event)] ?? answered('accepted'),
    );
    expect(report.tally()).toMatchObject({
      ...{ accepted: 5, rejected: 1, over_quota: 1, failed: 1, held: 2 },
    });
    expect(report.stays).toBe(4);
    expect(left()).toEqual(['m4', 'm5', 'm8', 'm9']);
    expect([...hidden]).toEqual(expect.not.arrayContaining(left()));
  });

  it('takes only what is selected', async () => {
    const { queue, left } = memoryQueue(many(7));
    await redrive(queue, async () => answered('accepted'), { ids: ['m3', 'm5'] });
    expect(left()).toEqual(['m0', 'm1', 'm2', 'm4', 'm6']);
    await redrive(queue, async () => answered('accepted'), { kind: 'invocation' });
    await redrive(queue, async () => answered('accepted'), { functionName: 'recordResult' });
    expect(left()).toHaveLength(5);
    await redrive(queue, async () => answered('accepted'), { functionName: 'ingestReading' });
    expect(left()).toEqual([]);
  });

  it('gives up where the cause is not mended', async () => {
    const { queue, left } = memoryQueue(many(20));
    let calls = 0;
    const report = await redrive(queue, async () => {
      calls += 1;
      return { kind: 'failed', reason: 'broken' };
    });
    expect([report.tally().failed, calls, left().length]).toEqual([5, 5, 20]);
  });

  it('that is stopped begins with no other message, and shows those that it holds', async () => {
    const stop = new AbortController();
    const { queue, left, hidden } = memoryQueue(many(9));
    const invoke: Invoke = async () => {
      stop.abort();
      return answered('accepted');
    };
    await redrive(queue, invoke, { signal: stop.signal });
    expect(left()).toHaveLength(8);
    expect(left().filter((id) => hidden.has(id))).toEqual([]);
  });

  it('loses nothing when it dies before a message is out of the queue', async () => {
    const { queue, left } = memoryQueue(many(1));
    const dying = { ...queue, remove: () => Promise.reject(new Error('died')) };
    await expect(redrive(dying, async () => answered('accepted'))).rejects.toThrow('died');
    expect(left()).toHaveLength(1);
  });
});

it('a list has the newest, tells of the rest, and holds no message back', async () => {
  const { queue, left, hidden } = memoryQueue(many(30));
  const sources = sourcesOf(queue, () => Promise.reject(new Error('invoked')));
  const settings = { limit: 4, withClosed: false, signal: new AbortController().signal };
  const { entries, more } = await listEntries(sources, { ids: [] }, settings);
  expect([entries.length, more, left().length, hidden.size]).toEqual([4, 26, 30, 0]);
});

describe('what waits', () => {
  const message = (body: string, sentAt = 9) => ({
    ...{ id: 'm', body, sentAt, receipt: 'r', attributes: {} },
  });

  it('after the rule is what the rule would have selected', () => {
    expect(readMessage(message(ruleError(3), 1_700_000_000_000), 'iot-ingest', 'local')).toEqual({
      ...{ kind: 'rule-error', id: 'm', service: 'iot-ingest', at: 1_700_000_000_000, records: 1 },
      functionName: 'millrace-iot-ingest-local-ingestReading',
      ...{ code: 'millrace_local_telemetry', message: 'not authorized', status: 'open' },
      content: {
        kind: 'rule-error',
        event: {
          ...{ data: Buffer.from('reading 3').toString('base64'), deviceId: 'wheel-3' },
          ...{ receivedAt: 1_700_000_000_000, clientId: 'wheel-3', traceId: 'trace-3' },
        },
      },
    });
    // Of another stage it is none of ours.
    expect(readMessage(message(ruleError(3)), 'iot-ingest', 'prod').content.kind).toBe('none');
  });

  it('after the function is the event of its invocation', () => {
    const event = { data: 'e30=', deviceId: 'wheel-4', receivedAt: 5 };
    const body = JSON.stringify({
      requestContext: {
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f-trackPresence:$LATEST',
        condition: 'RetriesExhausted',
      },
      requestPayload: event,
      responsePayload: { errorMessage: 'the table is away' },
    });
    expect(readMessage(message(body), 'iot-ingest', 'prod')).toMatchObject({
      ...{ kind: 'invocation', functionName: 'f-trackPresence', code: 'RetriesExhausted' },
      ...{ message: 'the table is away', content: { kind: 'invocation', event } },
    });
  });

  it('after a stream is the range of it', () => {
    const body = JSON.stringify({
      requestContext: {
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f-loadOrders',
        condition: 'RetryAttemptsExhausted',
      },
      DDBStreamBatchInfo: {
        ...{ shardId: 'shardId-1', startSequenceNumber: '5', endSequenceNumber: '9' },
        ...{ batchSize: 3, streamArn: 'arn:aws:dynamodb:us-east-1:0:table/orders/stream/x' },
      },
    });
    const range = { shardId: 'shardId-1', first: '5', last: '9' };
    expect(readMessage(message(body), 'etl', 'local')).toMatchObject({
      ...{ kind: 'batch', functionName: 'f-loadOrders', code: 'RetryAttemptsExhausted' },
      ...{ records: 3, content: { kind: 'batch', range } },
    });
  });
});
