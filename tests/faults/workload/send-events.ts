import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import type { EventReceipt, EventType, MillraceEvent } from '@millrace/types';
import { type Run, requireThat } from './run.ts';
import type { Scenario, Stray } from './scenario.ts';

const STREAM = 'millrace-local-events';

/** Sends every request of the scenario until each good event in it is accepted. */
export async function sendEvents(run: Run, { events, requests }: Scenario): Promise<void> {
  for (const entries of requests) {
    await sendUntilAccepted(
      run,
      entries.map((entry) => (entry === 'invalid' ? { id: 'x', type: 'nonsense' } : events[entry])),
    );
  }
  run.expected.events.push(...events);
}

/** One event, as the only one of its request. */
export async function sendEvent(run: Run, event: MillraceEvent): Promise<void> {
  await sendUntilAccepted(run, [event]);
  run.expected.events.push(event);
}

export async function sendUntilAccepted(run: Run, batch: readonly unknown[]): Promise<void> {
  let left = batch;
  run.expected.sent += batch.length;
  while (left.length > 0) {
    const { status, body } = await run.api.call({
      fn: 'events',
      route: 'POST /v1/events',
      body: left,
    });
    requireThat(status === 202, 'POST /events is accepted', body);
    const { accepted, rejected } = body as unknown as EventReceipt;
    requireThat(
      accepted.length + rejected.length === left.length,
      'each entry has its result',
      body,
    );
    const final = rejected.filter(({ retryable }) => !retryable);
    const wrong = final.filter(({ code, id }) => code !== 'invalid_event' || id !== 'x');
    requireThat(wrong.length === 0, 'only what is invalid is refused', wrong);
    run.expected.refusedAtBorder += final.length;
    const again = rejected.flatMap(({ retryable, index }) => (retryable ? [left[index]] : []));
    left = again;
  }
}

/** Puts what the scenario has beside the API straight on the stream. */
export async function sendStrays(run: Run, { strays, events }: Scenario): Promise<void> {
  for (const stray of strays) {
    const { data, counted } = recordOf(stray, events, run.tenant);
    await putRecord(run, `${run.tenant}/${stray.kind}`, data);
    if (counted) run.expected.events.push(counted);
  }
}

/** As a trusted producer does, past the API. */
export async function putRecord(run: Run, PartitionKey: string, data: string): Promise<void> {
  const record = { StreamName: STREAM, PartitionKey, Data: Buffer.from(data) };
  run.expected.sent += 1;
  await run.persist('PutRecord', () => run.clients.kinesis.send(new PutRecordCommand(record)));
}

function recordOf(
  stray: Stray,
  events: readonly MillraceEvent[],
  tenant: string,
): { data: string; counted?: MillraceEvent } {
  switch (stray.kind) {
    case 'not-json':
      return { data: `{"half": ${stray.nonce}` };
    case 'no-event':
      return { data: JSON.stringify({ hello: stray.nonce }) };
    case 'bad-order':
      return { data: hollow(stray.nonce, 'millrace.order.v1') };
    case 'bad-document':
      return { data: hollow(stray.nonce, 'millrace.document.v1') };
    case 'again': {
      const event = events[stray.event];
      return { data: JSON.stringify({ ...event, tenant }) };
    }
    case 'large-reading': {
      const event = largeReading(stray.nonce, stray.size);
      return { data: JSON.stringify({ ...event, tenant }), counted: event };
    }
  }
}

function hollow(nonce: number, type: EventType): string {
  return JSON.stringify({ ...envelope(`bad${nonce}`), type, data: {} });
}

function largeReading(nonce: number, size: number): MillraceEvent {
  const values = (prefix: string) =>
    Object.fromEntries(Array.from({ length: size }, (_, at) => [`${prefix}${at}`, at + 0.25]));
  return {
    ...envelope(`large${nonce}`),
    type: 'millrace.telemetry.v1',
    data: { deviceId: 'plant', metrics: values('m'), usage: values('u') },
  };
}

function envelope(id: string) {
  return { specversion: '1.0', id, source: '/plant', time: '2026-11-23T09:43:07Z' } as const;
}
