import type { MappingStatus } from '../../ports.ts';
import type { QueueState } from '../status.ts';
import { conditionOf, oldestAgeMs } from './condition.ts';
import { element, setAttribute, setText, type View } from './dom.ts';
import { createFlow } from './flow.ts';
import { count, duration, rate, sourceName } from './format.ts';
import type { Sample } from './history.ts';
import type { Messages } from './messages-en.ts';
import { createShardTable } from './shard-table.ts';
import { createSparkline } from './sparkline.ts';

export interface MappingState {
  readonly mapping: MappingStatus;
  readonly samples: readonly Sample[];
  readonly queues: readonly QueueState[];
  /** The span of the charts, in milliseconds of this computer's clock. */
  readonly from: number;
  readonly to: number;
}

let made = 0;

export function createMappingCard(words: Messages, { mapping }: MappingState): View<MappingState> {
  const headingId = `mapping-${++made}`;
  const flow = createFlow(words, mapping, headingId);
  const counts = createCounts(words);
  const { charts, language } = words;
  const rates = createSparkline(words, charts.rate, (value) => rate(value, language), 1);
  const ages = createSparkline(words, charts.age, (value) => duration(value, language), 1_000);
  const isStream = mapping.kind === 'kinesis' || mapping.kind === 'dynamodb';
  const shards = isStream ? createShardTable(words, mapping) : undefined;
  const destination = element('p', { class: 'destination' });
  const trouble = element('p', { class: 'trouble' });
  const figures = element('div', { class: 'charts' }, rates.root, ...(isStream ? [ages.root] : []));
  const facts = element('div', { class: 'facts' }, counts.root, destination, trouble);
  const root = element(
    'article',
    { class: 'mapping', 'aria-labelledby': headingId },
    flow.root,
    element('div', { class: 'middle' }, facts, figures),
    ...(shards ? [shards.root] : []),
  );
  return {
    root,
    update(state) {
      const { samples, from, to } = state;
      const condition = shownCondition(state);
      setAttribute(root, 'data-condition', condition);
      flow.update({
        mapping: state.mapping,
        condition,
        rate: samples.at(-1)?.rate ?? 0,
        oldestMs: oldestAgeMs(state.mapping),
      });
      counts.update(state);
      setText(destination, destinationOf(state, words));
      setText(
        trouble,
        state.mapping.lastError ? `${words.lastError}: ${state.mapping.lastError}` : '',
      );
      rates.update(
        samples.map(({ at, rate: value }) => ({ at, value })),
        from,
        to,
      );
      ages.update(
        samples.map(({ at, ageMs }) => ({ at, value: ageMs })),
        from,
        to,
      );
      shards?.update(state.mapping);
    },
  };
}

/** What moved within the last second flows, although nothing of it may be there right now. */
function shownCondition({ mapping, samples }: MappingState) {
  const condition = conditionOf(mapping);
  return condition === 'resting' && (samples.at(-1)?.rate ?? 0) > 0 ? 'flowing' : condition;
}

function createCounts(words: Messages): View<MappingState> {
  const { counts: names, language } = words;
  const root = element('dl', { class: 'counts' });
  const cells = new Map<string, HTMLElement>();
  const show = (name: string, value: number, tone?: string) => {
    let cell = cells.get(name);
    if (!cell) {
      cell = element('dd');
      cells.set(name, cell);
      root.append(element('div', {}, element('dt', {}, name), cell));
    }
    setText(cell, count(value, language));
    setAttribute(cell, 'data-tone', value === 0 ? 'none' : tone);
  };
  return {
    root,
    update({ mapping, queues }) {
      const { kind, shards, splits = 0, throttles = 0, filtered = 0 } = mapping;
      show(names.delivered, mapping.delivered);
      // What is invoked asynchronously waits, fails and is given up in the queue that all share.
      if (kind === 's3' || kind === 'schedule') return;
      const sum = (of: (shard: (typeof shards)[number]) => number) =>
        shards.reduce((total, shard) => total + of(shard), 0);
      const source = queues.find(({ arn }) => arn === mapping.source);
      if (source) show(names.waiting, source.messages + source.delayed);
      else
        show(
          names.pending,
          sum(({ pending = 0 }) => pending),
        );
      show(
        names.inFlight,
        sum(({ inFlight }) => inFlight),
      );
      show(names.retried, mapping.retried, 'warning');
      if (kind !== 'sqs') show(names.splits, splits, 'warning');
      show(names.throttles, throttles, 'warning');
      show(names.filtered, filtered);
      if (kind !== 'sqs') show(names.discarded, mapping.discarded, 'bad');
    },
  };
}

function destinationOf({ mapping, queues }: MappingState, words: Messages): string {
  const { onFailureArn, kind } = mapping;
  if (onFailureArn === undefined) {
    return kind === 'kinesis' || kind === 'dynamodb' ? `${words.onFailure}: ${words.nowhere}` : '';
  }
  const queue = queues.find(({ arn }) => arn === onFailureArn);
  const there = queue && words.lying(count(queue.messages + queue.inFlight, words.language));
  return `${words.onFailure} → ${sourceName(onFailureArn)}${there ? ` · ${there}` : ''}`;
}
