import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Rule } from '../../rule.ts';
import type { Performer, Stage } from '../../stage/stage.ts';
import { type KinesisEvent, textsOf } from '../../stage/streams.ts';
import type { DynamoDbEvent } from '../../stage/tables.ts';
import type { MappingSettings } from '../../subjects/subject.ts';
import { pages } from './pages.ts';

interface WindowFields {
  readonly window?: { readonly start: string; readonly end: string };
  readonly state?: { readonly texts?: readonly string[]; readonly large?: string };
  readonly shardId?: string;
  readonly eventSourceARN?: string;
  readonly isFinalInvokeForWindow?: boolean;
  readonly isWindowTerminatedEarly?: boolean;
}
type WindowEvent = KinesisEvent & WindowFields;

/** Short, so that a rule sees several windows; the records of one put fall into one of them. */
const SECONDS = 4;

/** Keeps the texts of the window in its state. */
const collect = (event: WindowEvent) => ({
  state: { texts: [...(event.state?.texts ?? []), ...textsOf(event)] },
});

async function windowed(
  stage: Stage,
  play: (event: WindowEvent, attempt: number) => unknown,
  settings: Partial<MappingSettings> = {},
) {
  const stream = await stage.stream();
  const performer = await stage.function(play);
  const mapping = { BatchSize: 1, TumblingWindowInSeconds: SECONDS, ...settings };
  await stage.map(performer, stream.arn, mapping);
  return { stream, performer };
}

/** Until a window has just begun: what is put now stays in it. */
async function freshWindow(stage: Stage): Promise<void> {
  const elapsed = Date.now() % (SECONDS * 1000);
  if (elapsed > 1_000) await stage.rest(SECONDS * 1000 - elapsed + 100);
}

/** A record of a later window closes the one before it. */
async function laterWindow(stage: Stage): Promise<void> {
  await stage.rest(SECONDS * 1000 + 500);
}

const eventsOf = (performer: Performer) => performer.calls<WindowEvent>().map(({ event }) => event);

const finalOf = (stage: Stage, performer: Performer) =>
  stage.eventually('the final invocation of a window', () =>
    eventsOf(performer).find(({ isFinalInvokeForWindow }) => isFinalInvokeForWindow === true),
  );

function rule(name: string, title: string, run: Rule['run']): Rule {
  return { id: `event-source-mappings/${name}`, title, page: pages.windows, run };
}

export const windows: readonly Rule[] = [
  rule(
    'a-window-s-event-tells-window-state-and-shard',
    'The event of a tumbling window has window, state, shardId, eventSourceARN and its two flags',
    async (stage) => {
      const { stream, performer } = await windowed(stage, collect);
      await stream.put(['a']);
      await performer.called(1);
      const { Records, window, ...fields } = eventsOf(performer)[0] ?? { Records: [] };
      equal(Records.length, 1);
      deepEqual(fields, {
        state: {},
        shardId: 'shardId-000000000000',
        eventSourceARN: stream.arn,
        isFinalInvokeForWindow: false,
        isWindowTerminatedEarly: false,
      });
    },
  ),
  rule(
    'a-window-covers-the-arrival-of-its-records',
    'A window is TumblingWindowInSeconds long and covers the arrival of its records',
    async (stage) => {
      const { stream, performer } = await windowed(stage, collect);
      await stream.put(['a']);
      await performer.called(1);
      const { Records, window } = eventsOf(performer)[0] ?? { Records: [], window: undefined };
      const [start, end] = [window?.start, window?.end].map((time) => Date.parse(time ?? ''));
      equal((end ?? 0) - (start ?? 0), SECONDS * 1000);
      const arrival = (Records[0]?.kinesis.approximateArrivalTimestamp ?? 0) * 1000;
      ok(arrival >= (start ?? 0) && arrival < (end ?? 0), `${arrival} is outside ${start}–${end}`);
    },
  ),
  rule(
    'state-is-passed-on-within-a-window',
    'The state that an invocation returns comes with the next one of the window',
    async (stage) => {
      const { stream, performer } = await windowed(stage, collect);
      await freshWindow(stage);
      await stream.put(['a', 'b', 'c']);
      await performer.called(3);
      const states = eventsOf(performer).map(({ state }) => state?.texts ?? []);
      deepEqual(states.slice(0, 3), [[], ['a'], ['a', 'b']]);
    },
  ),
  rule(
    'a-window-ends-with-a-final-invocation',
    'A window ends with an invocation that has its state and isFinalInvokeForWindow',
    async (stage) => {
      const { stream, performer } = await windowed(stage, collect);
      await freshWindow(stage);
      await stream.put(['a', 'b']);
      await performer.called(2);
      await laterWindow(stage);
      await stream.put(['c']);
      const { state, Records, window } = await finalOf(stage, performer);
      deepEqual(state, { texts: ['a', 'b'] });
      deepEqual(Records, []);
      deepEqual(window, eventsOf(performer)[0]?.window);
    },
  ),
  rule(
    'a-window-begins-with-empty-state',
    'The next window begins with empty state',
    async (stage) => {
      const { stream, performer } = await windowed(stage, collect);
      await stream.put(['a']);
      await performer.called(1);
      await laterWindow(stage);
      await stream.put(['b']);
      const next = await stage.eventually('the next window', () =>
        eventsOf(performer).find((event) => textsOf(event).includes('b')),
      );
      deepEqual(next.state, {});
    },
  ),
  rule(
    'a-response-without-state-is-a-failure',
    'A response without state is a failed invocation',
    async (stage) => {
      const { stream, performer } = await windowed(stage, (event, attempt) =>
        attempt === 1 ? {} : collect(event),
      );
      await stream.put(['a']);
      await performer.called(2);
      deepEqual(eventsOf(performer).slice(0, 2).map(textsOf), [['a'], ['a']]);
    },
  ),
  rule(
    'a-failed-invocation-of-a-window-is-retried-with-its-state',
    'A failed invocation of a window is retried with the state of before',
    async (stage) => {
      const { stream, performer } = await windowed(stage, (event, attempt) => {
        if (attempt === 2) throw new Error('once');
        return collect(event);
      });
      await freshWindow(stage);
      await stream.put(['a', 'b']);
      await performer.called(3);
      const [, failed, again] = eventsOf(performer);
      deepEqual(failed && textsOf(failed), ['b']);
      deepEqual([again && textsOf(again), again?.state], [['b'], { texts: ['a'] }]);
    },
  ),
  rule(
    'a-failed-final-invocation-holds-up-the-shard',
    'A failed final invocation is retried before anything later is processed',
    async (stage) => {
      let failures = 0;
      const { stream, performer } = await windowed(stage, (event) => {
        if (event.isFinalInvokeForWindow && failures < 2) {
          failures += 1;
          throw new Error('not yet');
        }
        return collect(event);
      });
      await stream.put(['a']);
      await performer.called(1);
      await laterWindow(stage);
      await stream.put(['b']);
      const events = await stage.eventually('b reaches the function', () => {
        const all = eventsOf(performer);
        return all.some((event) => textsOf(event).includes('b')) ? all : undefined;
      });
      const finals = events.filter(({ isFinalInvokeForWindow }) => isFinalInvokeForWindow);
      ok(finals.length >= 3, `the final invocation was tried ${finals.length} times before b`);
    },
  ),
  rule(
    'state-above-1-mb-ends-the-window-early',
    'A state above 1 MB ends the window early',
    async (stage) => {
      const { stream, performer } = await windowed(
        stage,
        (event) =>
          event.isFinalInvokeForWindow
            ? collect(event)
            : { state: { large: 'x'.repeat(1_100_000) } },
        { TumblingWindowInSeconds: 300 },
      );
      await stream.put(['a']);
      await performer.called(1);
      await stream.put(['b']);
      await stage.eventually('an early end', () =>
        eventsOf(performer).find(({ isWindowTerminatedEarly }) => isWindowTerminatedEarly),
      );
    },
  ),
  rule(
    'resharding-ends-the-window',
    'A shard that ends closes its window; its children begin with empty state',
    async (stage) => {
      const settings = { TumblingWindowInSeconds: 300 };
      const { stream, performer } = await windowed(stage, collect, settings);
      await stream.put(['a']);
      await performer.called(1);
      await stream.split('shardId-000000000000');
      await stream.put(['b']);
      const { state } = await finalOf(stage, performer);
      deepEqual(state, { texts: ['a'] });
      const child = await stage.eventually('the child is read', () =>
        eventsOf(performer).find((event) => textsOf(event).includes('b')),
      );
      deepEqual(child.state, {});
      ok(child.shardId !== 'shardId-000000000000');
    },
  ),
  {
    id: 'event-source-mappings/a-table-s-changes-have-windows-too',
    title: 'A tumbling window over a DynamoDB stream passes state on and ends the same way',
    page: pages.dynamodbWindows,
    async run(stage) {
      type TableEvent = DynamoDbEvent & { state?: { count?: number } } & Omit<
          WindowFields,
          'state'
        >;
      const table = await stage.table();
      const performer = await stage.function((event: TableEvent) => ({
        state: { count: (event.state?.count ?? 0) + event.Records.length },
      }));
      await stage.map(performer, table.streamArn, {
        BatchSize: 1,
        TumblingWindowInSeconds: SECONDS,
      });
      await freshWindow(stage);
      await table.put({ id: 'a' });
      await table.put({ id: 'b' });
      await performer.called(2);
      await laterWindow(stage);
      await table.put({ id: 'c' });
      const final = await stage.eventually(
        'the final invocation of a window',
        () =>
          performer.calls<TableEvent>().find(({ event }) => event.isFinalInvokeForWindow === true)
            ?.event,
      );
      deepEqual(final.state, { count: 2 });
    },
  },
];
