import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { eventually, testStack } from '@millrace/local-cloud/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Caller, callerWith } from '../support/http-client.ts';
import { usersOf } from '../support/users.ts';

const stack = testStack('stream-analytics', 'file-processing', 'iot-ingest', 'api');
const users = usersOf(stack);
const kinesis = stack.client(KinesisClient);
const dynamo = DynamoDBDocumentClient.from(stack.client(DynamoDBClient));
let acme: Caller;
let other: Caller;

const signIn = async (email: string, tenant: string) =>
  callerWith(stack.apiUrl, (await users.signIn(email, tenant)).idToken);
beforeAll(async () => {
  acme = await signIn('jane@example.com', 'acme');
  other = await signIn('joe@example.com', 'umbrella');
});

const START = Date.now() - 3_600_000;
const timeOf = (second: number) => new Date(START + second * 1000).toISOString();

interface State {
  readonly documentId: string;
  readonly title?: string;
  readonly text?: string;
  readonly lang?: string;
  readonly url?: string;
  readonly version?: string;
  readonly deleted?: true;
}

/** What is said of a document at a second. The same says the same event again. */
const said = (second: number, data: State) => ({
  ...{ specversion: '1.0', id: `${data.documentId}/${second}`, source: '/wiki' },
  ...{ type: 'millrace.document.v1', time: timeOf(second), data },
});

async function send(caller: Caller, ...events: readonly object[]): Promise<void> {
  const { status, text } = await caller('POST', '/v1/events', { body: events });
  expect(`${status} ${text}`).toMatch(/^202 .*"rejected":\[\]/);
}

async function putRecord(PartitionKey: string, data: string): Promise<void> {
  const record = { StreamName: 'millrace-local-events', PartitionKey, Data: Buffer.from(data) };
  await kinesis.send(new PutRecordCommand(record));
}

async function found(caller: Caller, q: string): Promise<string[]> {
  const answer = await caller('GET', `/v1/search?q=${encodeURIComponent(q)}&limit=50`);
  expect(answer.status).toBe(200);
  const items = answer.at('items') as { document?: string }[];
  return items.flatMap(({ document }) => document ?? []).sort();
}

/** Sends a last document after all others of this key, and waits until it is found. */
async function indexed(caller: Caller, marker: string, documentId: string): Promise<void> {
  await send(caller, said(1_000, { documentId, title: marker, text: '' }));
  await eventually(
    () => found(caller, marker),
    (ids) => ids.includes(documentId),
  );
}

describe('a document of the stream', () => {
  it('is found by what it says at last, in Korean and English, whatever came twice or late', async () => {
    const first = said(1, { documentId: 'pay', title: '전자결제', text: '카드로 결제를 한다.' });
    const second = said(2, {
      ...{ documentId: 'pay', title: 'Payments', text: '계좌로 결제를 한다. Wheels turn.' },
      ...{ lang: 'ko', url: 'https://wiki.example/pay', version: '2' },
    });
    await send(acme, second, first, second);
    await send(acme, first);
    await indexed(acme, 'endoffirst', 'pay-end');

    expect(await found(acme, '결제')).toEqual(['pay']);
    expect(await found(acme, '결제를')).toEqual(['pay']);
    expect(await found(acme, 'turning wheels')).toEqual(['pay']);
    expect(await found(acme, '카드')).toEqual([]);
    expect(await found(acme, '전자결제')).toEqual([]);
    const hit = await acme('GET', `/v1/search?q=${encodeURIComponent('결제')}`);
    expect(hit.at('items', 0)).toMatchObject({
      ...{ document: 'pay', name: 'Payments', kind: 'document', language: 'ko' },
      ...{ snippet: '계좌로 결제를 한다. Wheels turn.', highlights: [{ from: 4, to: 7 }] },
    });
    const shown = await acme('GET', '/v1/documents/pay');
    expect(JSON.parse(shown.text)).toEqual({
      ...{ documentId: 'pay', title: 'Payments', text: '계좌로 결제를 한다. Wheels turn.' },
      ...{ url: 'https://wiki.example/pay', language: 'ko', version: '2', updatedAt: timeOf(2) },
    });
  });

  it('is gone when it is deleted, also where what is older comes after', async () => {
    const text = 'sluice gates';
    await send(acme, said(1, { documentId: 'a', title: 'A', text }));
    await indexed(acme, 'beforedeletion', 'a-end');
    expect(await found(acme, 'sluice')).toEqual(['a']);
    await send(acme, said(3, { documentId: 'a', deleted: true }));
    await send(acme, said(2, { documentId: 'a', title: 'A', text }));
    // This one is deleted before it is written.
    await send(acme, said(9, { documentId: 'b', deleted: true }));
    await send(acme, said(8, { documentId: 'b', title: 'B', text }));
    // And this one is written again.
    await send(acme, said(4, { documentId: 'c', deleted: true }));
    await send(acme, said(5, { documentId: 'c', title: 'C', text }));
    await indexed(acme, 'afterdeletion', 'a-end2');

    await eventually(
      () => found(acme, 'sluice'),
      (ids) => ids.join() === 'c',
    );
    for (const id of ['a', 'b', 'z']) {
      const answer = await acme('GET', `/v1/documents/${id}`);
      expect(`${answer.status} ${answer.at('code')}`).toBe('404 document_not_found');
    }
  });

  it('is shown to its tenant only; another has its own of the same id', async () => {
    await send(acme, said(1, { documentId: 'wiki:secret', title: 'Ours', text: 'treasure' }));
    await send(other, said(2, { documentId: 'wiki:secret', title: 'Theirs', text: 'treasure' }));
    for (const [caller, title] of [
      [acme, 'Ours'],
      [other, 'Theirs'],
    ] as const) {
      await eventually(
        () => found(caller, 'treasure'),
        (ids) => ids.length > 0,
      );
      expect(await found(caller, 'treasure')).toEqual(['wiki:secret']);
      const answer = await caller('GET', '/v1/documents/wiki%3Asecret');
      expect(answer.at('title')).toBe(title);
    }
    expect(await found(other, 'ours')).toEqual([]);
    expect((await other('GET', '/v1/documents/pay')).status).toBe(404);
  });

  it('that is none is refused at the border, and beyond it put aside without holding up others', async () => {
    const bad = said(1, { documentId: 'a b', title: 'x', text: 'x'.repeat(100_001) });
    const receipt = await acme('POST', '/v1/events', { body: [bad] });
    expect(receipt.at('rejected', 0)).toMatchObject({ code: 'invalid_event', retryable: false });
    expect(receipt.at('rejected', 0, 'message')).toMatch(/\/data\/documentId[\s\S]*\/data\/text/);

    const good = {
      ...said(1, { documentId: 'good', title: 'Millpond', text: '' }),
      tenant: 'acme',
    };
    await putRecord('same', JSON.stringify({ ...bad, tenant: 'acme' }));
    await putRecord('same', JSON.stringify({ ...good, id: 'old', time: '1970-01-01T00:00:00Z' }));
    await putRecord('same', JSON.stringify(good));
    await eventually(
      () => found(acme, 'millpond'),
      (ids) => ids.length > 0,
    );
    const { Items = [] } = await dynamo.send(
      new QueryCommand({
        TableName: 'millrace-local-stream-analytics-dead-letters',
        KeyConditionExpression: 'pk = :source',
        ExpressionAttributeValues: { ':source': 'millrace-stream-analytics-local-indexDocuments' },
        ConsistentRead: true,
      }),
    );
    expect(Items.map(({ reasonCode }) => reasonCode).sort()).toEqual([
      'event_invalid',
      'event_time_out_of_range',
    ]);
  });

  it('is exact after everything is killed in the middle of its work', async () => {
    const ids = Array.from({ length: 60 }, (_, at) => `k${String(at).padStart(2, '0')}`);
    // Two states and, of every third, the end; the newer states first.
    const changes = [3, 2, 1].flatMap((second) =>
      ids.flatMap((documentId, at) => {
        const text = `word${second} ${'그리고 물이 흐른다 '.repeat(20)}`;
        if (second < 3) return [said(second, { documentId, title: `Page ${at}`, text })];
        return at % 3 === 0 ? [said(second, { documentId, deleted: true })] : [];
      }),
    );
    await send(acme, ...changes);
    await eventually(
      () => found(acme, 'word2'),
      (some) => some.length > 0,
    );
    await stack.killAndRestart();
    acme = await signIn('jane2@example.com', 'acme');
    await send(acme, ...changes);
    const kept = ids.filter((_, at) => at % 3 !== 0);
    await eventually(
      () => found(acme, 'word2'),
      (some) => some.join() === kept.join(),
    );
    await indexed(acme, 'endofkilled', 'k-end');

    expect(await found(acme, 'word2')).toEqual(kept);
    expect(await found(acme, 'word1')).toEqual([]);
  });
});
