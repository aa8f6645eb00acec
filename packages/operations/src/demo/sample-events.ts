import type { EventOf, MillraceEvent } from '@millrace/types';
import type { DemoRun } from './run-state.ts';

const PER_TYPE = 40;

/** Forty events of each of the seven types over three minutes, the same for the same run. */
export function sampleEvents(run: DemoRun): MillraceEvent[] {
  const start = Date.parse(run.startedAt) - 180_000;
  const at = (index: number) =>
    new Date(start + Math.floor((index * 180_000) / PER_TYPE)).toISOString();
  const envelope = (index: number, kind: string) => ({
    specversion: '1.0' as const,
    id: `${run.runId}-${kind}-${index}`,
    source: 'millrace/demo',
    time: at(index),
  });
  return Array.from({ length: PER_TYPE }, (_, index): MillraceEvent[] => [
    {
      ...envelope(index, 'activity'),
      type: 'millrace.activity.v1',
      data: {
        name: pick(['signed-in', 'searched', 'shared'], index),
        userId: `user-${index % 7}`,
        properties: { page: index },
      },
    },
    {
      ...envelope(index, 'click'),
      type: 'millrace.click.v1',
      data: {
        visitorId: `visitor-${index % 5}`,
        url: `https://shop.example/${pick(['', 'wheels', 'grain'], index)}`,
        action: index % 4 === 0 ? 'click' : 'view',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
      },
    },
    {
      ...envelope(index, 'order'),
      type: 'millrace.order.v1',
      data: {
        orderId: `${run.runId}-sample-${index}`,
        customerId: `customer-${index % 3}`,
        status: 'placed',
        currency: pick(['KRW', 'EUR'], index),
        lines: [{ sku: `flour-${index % 4}`, quantity: 1 + (index % 3), unitPrice: 1250 + index }],
      },
    },
    {
      ...envelope(index, 'log'),
      type: 'millrace.log.v1',
      data: {
        service: 'checkout',
        level: pick(['info', 'warn', 'error'], index),
        message: `step ${index} done`,
      },
    },
    {
      ...envelope(index, 'post'),
      type: 'millrace.post.v1',
      data: {
        author: `author-${index % 6}`,
        text: pick(['물레방아가 돈다 #방아', 'The wheel turns #mill'], index),
        lang: pick(['ko', 'en'], index),
      },
    },
    {
      ...envelope(index, 'telemetry'),
      type: 'millrace.telemetry.v1',
      data: {
        deviceId: `gauge-${index % 2}`,
        metrics: { level_m: (100 + index) / 100 },
        usage: { water_m3: index / 4 },
      },
    },
    { ...envelope(index, 'document'), type: 'millrace.document.v1', data: sampleDocument(index) },
  ]).flat();
}

/** Ten documents in four states each; in the last, two of them are deleted. */
function sampleDocument(index: number): EventOf<'millrace.document.v1'>['data'] {
  const documentId = `note-${index % 10}`;
  if (index >= 38) return { documentId, deleted: true };
  return {
    documentId,
    version: String(index),
    title: pick(['방앗간 일지', 'Notes of the miller'], index),
    text: pick(['여울물이 맷돌을 돌린다.', 'The brook turns the millstone.'], index),
    lang: pick(['ko', 'en'], index),
  };
}

/** Events that must be refused, each with what is wrong with it. */
export function malformedEvents(run: DemoRun): unknown[] {
  const good = {
    specversion: '1.0',
    id: `${run.runId}-bad`,
    source: 'millrace/demo',
    time: run.startedAt,
  };
  return [
    { ...good, type: 'millrace.unheard-of.v1', data: {} },
    {
      ...good,
      type: 'millrace.click.v1',
      time: 'yesterday',
      data: { visitorId: 'v', url: 'https://shop.example/' },
    },
    {
      ...good,
      type: 'millrace.order.v1',
      data: { orderId: 'o', customerId: 'c', status: 'placed', currency: 'euro', lines: [] },
    },
    'not an event',
  ];
}

function pick<T>(values: readonly [T, ...T[]], index: number): T {
  return values[index % values.length] ?? values[0];
}
