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

const reading = (data: object) => ({
  type: 'millrace.telemetry.v1',
  data: { deviceId: 'd', metrics: {}, ...data },
});
const names = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, n]));

const context = { tenant: 'acme', now: Date.parse('2026-11-23T12:00:00Z') };

describe('a batch of events', () => {
  it('is judged event by event: a bad one refuses only itself', async () => {
    const stream = memoryStream();
    const receipt = await sendEvents(
      [click('1'), null, click('2', { time: 'soon' }), [], click('3'), { id: 4 }],
      context,
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
      const receipt = await sendEvents([click('1', { tenant: said })], context, stream);
      expect(receipt.rejected).toEqual([]);
      expect(stream.taken()).toMatchObject([{ key: 'acme/v', event: { tenant: 'acme' } }]);
    },
  );
  it.each([
    ['a source of the platform', { source: 'millrace/api' }],
    ['a device as its source', { source: 'millrace/devices/wheel-1' }],
    ['a time that no minute can be made of', { time: '9999-12-31T23:59:59-10:00' }],
    ['another version of CloudEvents', { specversion: '0.3' }],
    ['a version of an event that is to come', { type: 'millrace.click.v2' }],
    ['an unknown type', { type: 'com.example.thing' }],
    ['a type that every object has', { type: 'constructor' }],
    ['a negative usage', reading({ usage: { kwh: -1 } })],
    ['NaN as a text', reading({ metrics: { t: 'NaN' } })],
    ['a number that is infinite', reading({ metrics: { t: JSON.parse('1e999') } })],
    ['10,000 metrics', reading({ metrics: names(10_000) })],
    ['a metric of a hostile name', reading({ metrics: { "x'; DROP": 1 } })],
    ['a name of 100 kB', { data: { visitorId: 'v'.repeat(100_000), url: '/' } }],
    ['a text where data should be', { data: '<script>alert(1)</script>' }],
  ])('refuses %s where the sender sees it', async (_, changes) => {
    const stream = memoryStream();
    const receipt = await sendEvents([click('1', changes)], context, stream);
    expect(receipt.rejected).toMatchObject([{ code: 'invalid_event', retryable: false }]);
    expect(stream.taken()).toEqual([]);
  });
  it.each([
    ['of 1970', '1970-01-01T00:00:00Z'],
    ['of 2999', '2999-01-01T00:00:00Z'],
    ['401 days old', '2025-10-18T12:00:00Z'],
    ['more than a day ahead', '2026-11-24T12:00:01Z'],
  ])('refuses an event %s, where the sender sees it', async (_, time) => {
    const stream = memoryStream();
    const receipt = await sendEvents([click('1', { time }), click('2')], context, stream);
    expect(receipt.rejected).toMatchObject([
      { index: 0, id: '1', code: 'event_time_out_of_range', retryable: false },
    ]);
    expect(stream.taken().map(({ event }) => event.id)).toEqual(['2']);
  });
  it('keeps attributes that it does not know', async () => {
    const stream = memoryStream();
    await sendEvents([click('1', { traceparent: '00-x' })], context, stream);
    expect(stream.taken()).toMatchObject([{ event: { traceparent: '00-x' } }]);
  });
  it('refuses an event that a stream record cannot hold, counting its partition key', async () => {
    const sized = (bytes: number) => {
      const event = click('1', { filler: '' });
      const room = bytes - JSON.stringify({ ...event, tenant: 'acme' }).length - 'acme/v'.length;
      return { ...event, filler: 'x'.repeat(room) };
    };
    const send = (bytes: number) => sendEvents([sized(bytes)], context, memoryStream());
    expect((await send(MAX_RECORD_BYTES)).accepted).toHaveLength(1);
    expect((await send(MAX_RECORD_BYTES + 1)).rejected).toMatchObject([
      { code: 'event_too_large', retryable: false },
    ]);
  });
  it('tells which events the stream did not take, to be sent again', async () => {
    const stream = memoryStream((_entry, index) => index === 1);
    const receipt = await sendEvents(
      ['1', '2', '3'].map((id) => click(id)),
      context,
      stream,
    );
    expect(receipt.accepted.map(({ id }) => id)).toEqual(['1', '3']);
    expect(receipt.rejected).toMatchObject([
      { index: 1, id: '2', code: 'stream_unavailable', retryable: true },
    ]);
  });
});
