import { describe, expect, it } from 'vitest';
import { MAX_RECORD_BYTES } from '../../src/domain/events/ports.ts';
import { sendEvents } from '../../src/domain/events/send-events.ts';
import { memoryStream } from '../support/memory-stores.ts';

const click = (id: string, changes: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id,
  source: 'test',
  type: 'millrace.click.v1',
  time: '2026-11-23T09:00:00Z',
  data: { visitorId: 'v', url: 'https://example.com/' },
  ...changes,
});

describe('a batch of events', () => {
  it('is judged event by event: a bad one refuses only itself', async () => {
    const stream = memoryStream();
    const receipt = await sendEvents(
      [click('1'), null, click('2', { time: 'soon' }), [], click('3'), { id: 4 }],
      'acme',
      stream,
    );
    expect(receipt.accepted).toEqual([
      { index: 0, id: '1' },
      { index: 4, id: '3' },
    ]);
    expect(
      receipt.rejected.map(({ index, id, code, retryable }) => [index, id, code, retryable]),
    ).toEqual([
      [1, undefined, 'invalid_event', false],
      [2, '2', 'invalid_event', false],
      [3, undefined, 'invalid_event', false],
      [5, undefined, 'invalid_event', false],
    ]);
    expect(stream.taken().map(({ event }) => event.id)).toEqual(['1', '3']);
  });
  it.each(['victim', '../x', 7, null])(
    'belongs to the caller, whatever tenant it says: %j',
    async (said) => {
      const stream = memoryStream();
      const receipt = await sendEvents([click('1', { tenant: said })], 'acme', stream);
      expect(receipt.rejected).toEqual([]);
      expect(stream.taken()).toMatchObject([{ key: 'acme/v', event: { tenant: 'acme' } }]);
    },
  );
  it.each([
    ['a source of the platform', { source: 'millrace/api' }],
    ['a device as its source', { source: 'millrace/devices/wheel-1' }],
    ['a time that no minute can be made of', { time: '9999-12-31T23:59:59-10:00' }],
  ])('refuses %s where the sender sees it', async (_, changes) => {
    const stream = memoryStream();
    const receipt = await sendEvents([click('1', changes)], 'acme', stream);
    expect(receipt.rejected).toMatchObject([{ code: 'invalid_event', retryable: false }]);
    expect(stream.taken()).toEqual([]);
  });
  it('keeps attributes that it does not know', async () => {
    const stream = memoryStream();
    await sendEvents([click('1', { traceparent: '00-x' })], 'acme', stream);
    expect(stream.taken()).toMatchObject([{ event: { traceparent: '00-x' } }]);
  });
  it('refuses an event that a stream record cannot hold, counting its partition key', async () => {
    const sized = (bytes: number) => {
      const event = click('1', { filler: '' });
      const room = bytes - JSON.stringify({ ...event, tenant: 'acme' }).length - 'acme/v'.length;
      return { ...event, filler: 'x'.repeat(room) };
    };
    const send = (bytes: number) => sendEvents([sized(bytes)], 'acme', memoryStream());
    expect((await send(MAX_RECORD_BYTES)).accepted).toHaveLength(1);
    expect((await send(MAX_RECORD_BYTES + 1)).rejected).toMatchObject([
      { code: 'event_too_large', retryable: false },
    ]);
  });
  it('tells which events the stream did not take, to be sent again', async () => {
    const stream = memoryStream((_entry, index) => index === 1);
    const receipt = await sendEvents(
      ['1', '2', '3'].map((id) => click(id)),
      'acme',
      stream,
    );
    expect(receipt.accepted.map(({ id }) => id)).toEqual(['1', '3']);
    expect(receipt.rejected).toMatchObject([
      { index: 1, id: '2', code: 'stream_unavailable', retryable: true },
    ]);
  });
});
