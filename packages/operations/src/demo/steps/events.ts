import type { EventReceipt, MetricName, MillraceEvent } from '@millrace/types';
import type { DemoContext } from '../context.ts';
import { type Expected, expectedMetrics } from '../expected-metrics.ts';
import type { Outcome } from '../report.ts';
import { malformedEvents } from '../sample-events.ts';
import { watch } from '../waiting.ts';

const BATCH = 100;

/** Sends every event at least once and every fifth one twice: in one batch, and in a batch of its own. */
export async function sendEvents(
  context: DemoContext,
  events: readonly MillraceEvent[],
): Promise<Outcome> {
  const since = performance.now();
  const twice = events.filter((_, index) => index % 5 === 0);
  const sent = [
    ...events.flatMap((event, index) => (index % 10 === 0 ? [event, event] : [event])),
    ...twice,
  ];
  let accepted = 0;
  for (let start = 0; start < sent.length; start += BATCH) {
    accepted += await sendUntilAccepted(context, sent.slice(start, start + BATCH));
  }
  const outcome = {
    area: 'events' as const,
    input: `${sent.length} events, ${sent.length - events.length} of them duplicates`,
    result: `${accepted} accepted`,
    latencyMs: performance.now() - since,
  };
  return accepted === sent.length ? outcome : { ...outcome, expected: `${sent.length} accepted` };
}

/** What the stream could not take now is told as retryable and sent again. */
async function sendUntilAccepted(
  context: DemoContext,
  batch: readonly MillraceEvent[],
): Promise<number> {
  let left = batch;
  for (let attempt = 0; left.length > 0 && attempt < 8; attempt += 1) {
    const answer = await context.api.post('/events', left);
    if (answer.status !== 202)
      throw new Error(`POST /events was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    const { rejected } = answer.body as EventReceipt;
    const again = new Set(rejected.filter((entry) => entry.retryable).map((entry) => entry.index));
    if (again.size < rejected.length) return batch.length - left.length;
    left = left.filter((_, index) => again.has(index));
  }
  return batch.length - left.length;
}

/** Malformed events in one batch with a good one: each bad one is refused by itself, with its reason. */
export async function sendMalformedEvents(
  context: DemoContext,
  good: MillraceEvent,
): Promise<Outcome> {
  const since = performance.now();
  const bad = malformedEvents(context.run);
  const answer = await context.api.post('/events', [...bad, good]);
  const receipt = answer.body as Partial<EventReceipt>;
  const reasons =
    receipt.rejected?.filter(
      (entry) => entry.code !== '' && entry.message !== '' && !entry.retryable,
    ) ?? [];
  const outcome = {
    area: 'events' as const,
    input: `${bad.length} malformed events among 1 good one`,
    result: `${receipt.rejected?.length ?? 0} rejected with a reason, ${receipt.accepted?.length ?? 0} accepted`,
    latencyMs: performance.now() - since,
  };
  const right =
    answer.status === 202 && reasons.length === bad.length && receipt.accepted?.length === 1;
  return right
    ? outcome
    : { ...outcome, expected: `${bad.length} rejected with a reason, 1 accepted` };
}

/** Waits until every metric says to the unit what was sent, and a moment longer: it must not go past it. */
export async function checkMetrics(
  context: DemoContext,
  events: readonly MillraceEvent[],
  since: number,
): Promise<Outcome[]> {
  const expected = [...expectedMetrics(events)];
  await watch(
    () => Promise.all(expected.map(([metric]) => readMetric(context, metric))),
    (answers) => answers.every((answer, index) => same(answer, expected[index]?.[1])),
    { since, timeoutMs: context.timeoutMs },
  );
  const latencyMs = performance.now() - since;
  return Promise.all(
    expected.map(async ([metric, want]): Promise<Outcome> => {
      const got = await readMetric(context, metric);
      const outcome = {
        area: 'events',
        input: `metric ${metric}`,
        result: describe(got),
        latencyMs,
      } as const;
      return same(got, want) ? outcome : { ...outcome, expected: describe(want) };
    }),
  );
}

async function readMetric(context: DemoContext, metric: MetricName): Promise<Expected> {
  const start = Date.parse(context.run.startedAt);
  const from = new Date(start - 3_600_000).toISOString();
  const to = new Date(start + 3_600_000).toISOString();
  const { body } = await context.api.get(
    `/metrics/${metric}?interval=1m&from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`,
  );
  const answer = body as { count?: number; sum?: number };
  return { count: answer.count ?? 0, sumHundredths: Math.round((answer.sum ?? 0) * 100) };
}

function same(got: Expected, want: Expected | undefined): boolean {
  return got.count === want?.count && got.sumHundredths === want.sumHundredths;
}

function describe({ count, sumHundredths }: Expected): string {
  return sumHundredths === 0 ? `count ${count}` : `count ${count}, sum ${sumHundredths / 100}`;
}
