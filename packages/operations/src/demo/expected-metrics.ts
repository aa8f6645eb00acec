import type { MetricName, MillraceEvent } from '@millrace/types';
import { orderTotal } from '@millrace/types';

export interface Expected {
  readonly count: number;
  /** Hundredths, so that the expectation is exact without any decimal arithmetic. */
  readonly sumHundredths: number;
}

/** Adds up, event by event and without any of the platform's code, what the metrics must say. */
export function expectedMetrics(events: readonly MillraceEvent[]): Map<MetricName, Expected> {
  const totals = new Map<MetricName, Expected>();
  const add = (metric: MetricName, value = 0) => {
    const { count, sumHundredths } = totals.get(metric) ?? { count: 0, sumHundredths: 0 };
    totals.set(metric, {
      count: count + 1,
      sumHundredths: sumHundredths + Math.round(value * 100),
    });
  };
  for (const event of events) {
    switch (event.type) {
      case 'millrace.activity.v1':
        add('activity');
        break;
      case 'millrace.click.v1':
        add('click');
        break;
      case 'millrace.order.v1':
        add('order', orderTotal(event.data.lines));
        break;
      case 'millrace.log.v1':
        add('log');
        break;
      case 'millrace.post.v1':
        add('post');
        break;
      case 'millrace.document.v1':
        add('document');
        break;
      case 'millrace.telemetry.v1':
        add('telemetry');
        for (const value of Object.values(event.data.metrics)) add('telemetry.metric', value);
        for (const value of Object.values(event.data.usage ?? {})) add('telemetry.usage', value);
        break;
    }
  }
  return totals;
}
