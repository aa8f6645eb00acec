import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readingsSource } from '../src/redrive/readings.ts';
import {
  type Invoked,
  type MessageQueue,
  type QueueMessage,
  type RedriveOptions,
  redriveMessages,
} from '../src/redrive/redrive-messages.ts';

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
        return { id, body, sentAt: 1_000, receipt: `${id}/${receipts}` };
      });
    },
    async remove({ receipt }) {
      messages.delete(idOf(receipt));
    },
    async show({ receipt }) {
      hidden.delete(idOf(receipt));
    },
  };
  return { queue, left: () => [...messages.keys()], hidden };
}

function options(
  queue: MessageQueue,
  invoke: ((event: unknown) => Promise<Invoked>) | undefined,
  more: Partial<RedriveOptions> = {},
): RedriveOptions {
  return {
    ...{ queue, invoke, source: readingsSource('rule-errors', 'local') },
    ...{ signal: new AbortController().signal, onMessage: () => {}, pace: async () => {} },
    ...more,
  };
}

const deviceOf = (event: unknown) => (event as { deviceId: string }).deviceId;
const many = (count: number) => Array.from({ length: count }, (_, n) => ruleError(n));

describe('redriving', () => {
  it('takes out of the queue what the function has answered for, and leaves the rest to be seen', async () => {
    const others = [ruleError(90, { ruleName: 'millrace_local_presence' }), 'not JSON'];
    const { queue, left, hidden } = memoryQueue([...many(8), ...others]);
    const outcomes: Record<string, Invoked> = {
      'wheel-2': { outcome: 'rejected' },
      'wheel-4': { outcome: 'failed', reason: 'table away' },
      'wheel-5': { outcome: 'over_quota' },
    };
    const invoke = async (event: unknown) =>
      outcomes[deviceOf(event)] ?? ({ outcome: 'accepted' } as const);
    expect(await redriveMessages(options(queue, invoke))).toEqual({
      ...{ seen: 10, waiting: 0, accepted: 5, rejected: 1, over_quota: 1, failed: 1, skipped: 2 },
    });
    expect(left()).toEqual(['m4', 'm5', 'm8', 'm9']);
    expect(left().filter((id) => hidden.has(id))).toEqual([]);
  });

  it('only looks where it is not told to do it', async () => {
    const { queue, left } = memoryQueue(many(7));
    const seen: string[] = [];
    const onMessage: RedriveOptions['onMessage'] = ({ deviceId }) => void seen.push(deviceId);
    const tally = await redriveMessages(options(queue, undefined, { onMessage }));
    expect([tally.waiting, left().length, new Set(seen).size]).toEqual([7, 7, 7]);
    // They are there for the next.
    expect((await redriveMessages(options(queue, undefined))).waiting).toBe(7);
  });

  it('gives up where the cause is not mended', async () => {
    const { queue, left } = memoryQueue(many(20));
    let calls = 0;
    const invoke = async () => {
      calls += 1;
      return { outcome: 'failed', reason: 'broken' } as const;
    };
    expect((await redriveMessages(options(queue, invoke))).failed).toBe(5);
    expect([calls, left().length]).toEqual([5, 20]);
  });

  it('that is stopped begins with no other message, and shows those that it holds', async () => {
    const stop = new AbortController();
    const { queue, left } = memoryQueue(many(9));
    const invoke = async () => {
      stop.abort();
      return { outcome: 'accepted' } as const;
    };
    await redriveMessages(options(queue, invoke, { signal: stop.signal }));
    expect(left()).toHaveLength(8);
    expect((await redriveMessages(options(queue, undefined))).waiting).toBe(8);
  });

  it('loses nothing when it dies before a message is out of the queue', async () => {
    const { queue, left } = memoryQueue(many(1));
    const dying = { ...queue, remove: () => Promise.reject(new Error('died')) };
    const taken: unknown[] = [];
    const invoke = async (event: unknown) => {
      taken.push(event);
      return { outcome: 'accepted' } as const;
    };
    await expect(redriveMessages(options(dying, invoke))).rejects.toThrow('died');
    expect([left().length, taken.length]).toEqual([1, 1]);
  });
});

describe('what waits', () => {
  it('after the rule is what the rule would have selected', () => {
    const { queue, read } = readingsSource('rule-errors', 'local');
    expect(queue).toBe('millrace-local-iot-ingest-rule-errors');
    expect(read(ruleError(3), 1_700_000_000_000)).toEqual({
      deviceId: 'wheel-3',
      reason: 'not authorized',
      event: {
        ...{ data: Buffer.from('reading 3').toString('base64'), deviceId: 'wheel-3' },
        ...{ receivedAt: 1_700_000_000_000, clientId: 'wheel-3', traceId: 'trace-3' },
      },
    });
  });

  it('after the function is the event of its invocation', () => {
    const { read } = readingsSource('failures', 'prod');
    const event = { data: 'e30=', deviceId: 'wheel-4', receivedAt: 5 };
    const record = (name: string) =>
      JSON.stringify({
        requestContext: {
          functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}:$LATEST`,
          condition: 'RetriesExhausted',
        },
        requestPayload: event,
        responsePayload: { errorMessage: 'the table is away' },
      });
    expect(read(record('millrace-iot-ingest-prod-ingestReading'), 9)).toEqual({
      ...{ event, deviceId: 'wheel-4', reason: 'the table is away' },
    });
    expect(read(record('millrace-iot-ingest-prod-trackPresence'), 9)).toBeUndefined();
    expect(read(record('millrace-iot-ingest-local-ingestReading'), 9)).toBeUndefined();
  });
});

describe('millrace redrive', () => {
  async function run(...args: string[]) {
    const program = join(import.meta.dirname, '../src/main.ts');
    const env = { ...process.env, NO_COLOR: '1', MILLRACE_EDGE_PORT: '1' };
    const child = spawn(process.execPath, [program, 'redrive', ...args], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    return { code, stderr };
  }

  it.each([
    [[]],
    [['orders']],
    [['readings', '--from', 'nowhere']],
    [['readings', '--rate', '0']],
    [['readings', '--unknown']],
  ])('ends with 2 and says how it is used when it is called like this: %s', async (args) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^millrace: .+ \[USAGE\]\nUsage: millrace redrive .+\n$/);
  });

  it('ends with 3 and one line when nothing answers', async () => {
    const { code, stderr } = await run('readings', '--yes');
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^millrace: millrace-local-iot-ingest-rule-errors cannot be reached .+ \[REDRIVE_FAILED\]\n$/,
    );
  });
});
