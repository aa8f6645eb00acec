import {
  type CloudStatus,
  type Condition,
  conditionOf,
  duration,
  type MappingStatus,
  oldestAgeMs,
  type ShardStatus,
  shortFunctionName,
  shortSequenceNumber,
  shortShardId,
  sourceName,
} from '@millrace/local-cloud/status';
import { alignRows } from '../terminal/columns.ts';

export type Tone = 'green' | 'yellow' | 'red' | 'dim';
export type Paint = (tone: Tone, text: string) => string;

export interface TableOptions {
  readonly blockedAfterMs: number;
  /** Colours a text, or returns it as it is where there are none. */
  readonly paint: Paint;
}

const CONDITIONS: Record<Condition, { mark: string; words: string; tone: Tone }> = {
  flowing: { mark: '→', words: 'flowing', tone: 'green' },
  resting: { mark: '✔', words: 'at rest', tone: 'green' },
  retrying: { mark: '↻', words: 'retrying', tone: 'yellow' },
  blocked: { mark: '✘', words: 'blocked', tone: 'red' },
  'waiting-for-source': { mark: '…', words: 'waits for its source', tone: 'yellow' },
  'waiting-for-function': { mark: '…', words: 'waits for its function', tone: 'red' },
  disabled: { mark: '–', words: 'disabled', tone: 'dim' },
  stopped: { mark: '–', words: 'stopped', tone: 'dim' },
};

interface Column {
  readonly title: string;
  cell(mapping: MappingStatus): string;
  /** Shown only where some mapping has something in it. */
  readonly optional?: boolean;
}

const number = (
  title: string,
  of: (mapping: MappingStatus) => number | undefined,
  optional = true,
): Column => ({ title, optional, cell: (mapping) => String(of(mapping) ?? 0) });

const sum = (mapping: MappingStatus, of: (shard: ShardStatus) => number) =>
  mapping.shards.reduce((total, shard) => total + of(shard), 0);

const NUMBERS: readonly Column[] = [
  number('delivered', ({ delivered }) => delivered, false),
  number('pending', (mapping) => sum(mapping, ({ pending = 0 }) => pending), false),
  number('in flight', (mapping) => sum(mapping, ({ inFlight }) => inFlight), false),
  { title: 'oldest', cell: (mapping) => age(oldestAgeMs(mapping)) },
  number('retried', ({ retried }) => retried),
  number('splits', ({ splits }) => splits),
  number('throttled', ({ throttles }) => throttles),
  number('filtered', ({ filtered }) => filtered),
  number('given up', ({ discarded }) => discarded),
];

/** The mappings of a status for a person: a line each, and one more per shard that fails. */
export function mappingsTable(
  status: CloudStatus,
  mappings: readonly MappingStatus[],
  options: TableOptions,
): string {
  if (mappings.length === 0) return 'No mapping: no service has registered one yet ("npm start").';
  const columns = NUMBERS.filter(
    ({ optional, cell }) => !optional || mappings.some((mapping) => cell(mapping) !== '0'),
  );
  const head = ['', 'function', 'source', 'state', ...columns.map(({ title }) => title)];
  const rows = mappings.map((mapping) => {
    const { mark, words } = CONDITIONS[conditionOf(mapping, options.blockedAfterMs)];
    const names = [functionOf(mapping), `${mapping.kind} ${sourceName(mapping.source)}`];
    return [mark, ...names, words, ...columns.map(({ cell }) => cell(mapping))];
  });
  const numbers = new Set(columns.map((_, index) => index + 4));
  const [title = '', ...lines] = alignRows([head, ...rows], numbers);
  const body = mappings.flatMap((mapping, index) => [
    options.paint(
      CONDITIONS[conditionOf(mapping, options.blockedAfterMs)].tone,
      (lines[index] ?? '').trimEnd(),
    ),
    ...details(mapping, status).map((line) => options.paint('dim', `   ${line}`)),
  ]);
  return [options.paint('dim', title.trimEnd()), ...body, ...notes(status)].join('\n');
}

/** Since the last look, for logs: `countEvents ← events: retrying, delivered 441, retried 6`. */
export function mappingLine(mapping: MappingStatus, blockedAfterMs: number): string {
  const { words } = CONDITIONS[conditionOf(mapping, blockedAfterMs)];
  const counts = NUMBERS.filter(({ optional, cell }) => !optional || cell(mapping) !== '0')
    .filter(({ cell }) => cell(mapping) !== '–')
    .map(({ title, cell }) => `${title} ${cell(mapping)}`);
  return `${functionOf(mapping)} ← ${sourceName(mapping.source)}: ${[words, ...counts].join(', ')}`;
}

function functionOf({ functionName, service }: MappingStatus): string {
  return shortFunctionName(functionName, service);
}

function age(ms: number): string {
  return ms > 0 ? duration(ms, 'en') : '–';
}

function details(mapping: MappingStatus, { queues }: CloudStatus): string[] {
  const lines = mapping.shards.filter(({ attempts }) => attempts > 0).map(describeShard);
  const queue = queues.find(({ arn }) => arn === mapping.onFailureArn);
  const lying = queue ? queue.messages + queue.inFlight : 0;
  if (queue && lying > 0) {
    lines.push(
      `on failure → ${queue.name}: ${lying} ${lying === 1 ? 'message' : 'messages'} there`,
    );
  }
  if (mapping.lastError && mapping.state !== 'running') lines.push(mapping.lastError);
  return lines;
}

function describeShard({ shardId, attempts, iteratorAgeMs, checkpoint }: ShardStatus): string {
  const tries = `${attempts} failed ${attempts === 1 ? 'try' : 'tries'}`;
  const done = checkpoint ? `checkpoint ${shortSequenceNumber(checkpoint)}` : 'no checkpoint yet';
  return `shard ${shortShardId(shardId)}: ${tries}, oldest record ${age(iteratorAgeMs)}, ${done}`;
}

/** What one must know to read the figures. */
function notes({ clock, faults }: CloudStatus): string[] {
  const lines = [];
  if (clock.offsetMs > 0) {
    lines.push(`The cloud's clock is ${duration(clock.offsetMs, 'en')} ahead.`);
  }
  if (faults) lines.push(`Faults are injected: seed ${faults.seed}.`);
  return lines.length > 0 ? ['', ...lines] : [];
}
