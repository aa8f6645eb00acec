import type { MappingStatus, ShardStatus } from '../../ports.ts';
import { createList, drawing, element, setAttribute, setText, type View } from './dom.ts';
import { bytes, count, duration, shortSequenceNumber, shortShardId, sourceName } from './format.ts';
import { type IconName, icon, setIcon } from './icons.ts';
import type { Messages } from './messages-en.ts';
import { edgePath, type PlacedShard, placeShards } from './shard-tree.ts';

const LANE_WIDTH = 14;
const BEND = 18;
/** Between the picture and the table. */
const TREE_GAP = 10;

/** The shards of a stream as a table, beside it the picture of what was split and merged. */
export function createShardTable(words: Messages, mapping: MappingStatus): View<MappingStatus> {
  const { shards: names } = words;
  const picture = drawing('svg', { class: 'tree', 'aria-hidden': 'true' });
  const body = element('tbody');
  const titles = [names.shard, names.state, names.oldest, names.pending, names.inFlight];
  const head = [...titles, names.checkpoint].map((title) => element('th', { scope: 'col' }, title));
  const table = element(
    'table',
    {},
    element('caption', { class: 'unseen' }, names.caption(sourceName(mapping.source))),
    element('thead', {}, element('tr', {}, ...head)),
    body,
  );
  const root = element('div', { class: 'shards' }, picture, table);
  const rows = createList<PlacedShard>(
    body,
    ({ shard }) => shard.shardId,
    () => createRow(words),
  );
  let placed: readonly PlacedShard[] = [];
  const draw = () => drawTree(picture, body, placed);
  new ResizeObserver(draw).observe(root);
  return {
    root,
    update({ shards }) {
      placed = placeShards(shards);
      rows(placed);
      root.hidden = placed.length === 0;
      draw();
    },
  };
}

function createRow(words: Messages): View<PlacedShard> {
  const { language, shards: names } = words;
  const name = element('span', { class: 'shard-name' });
  const origin = element('span', { class: 'origin' });
  const mark = icon('resting');
  const state = element('span');
  const cell = (kind: string) => element('td', { class: kind });
  const [oldest, pending, inFlight] = [cell('num'), cell('num'), cell('num')] as const;
  const checkpoint = cell('checkpoint');
  const root = element(
    'tr',
    {},
    element('th', { scope: 'row' }, name, origin),
    element('td', { class: 'shard-state' }, mark, state),
    ...[oldest, pending, inFlight, checkpoint],
  );
  return {
    root,
    update({ shard, parents }) {
      setText(name, shortShardId(shard.shardId));
      setAttribute(name, 'title', shard.shardId);
      setText(origin, parents.length > 0 ? names.from(parents.map(shortShardId).join(' + ')) : '');
      setAttribute(root, 'data-state', stateOf(shard));
      setIcon(mark, iconOf(shard));
      setText(state, describeState(shard, words));
      setText(oldest, shard.iteratorAgeMs > 0 ? duration(shard.iteratorAgeMs, language) : '–');
      setText(pending, count(shard.pending ?? 0, language));
      setText(inFlight, count(shard.inFlight, language));
      setText(checkpoint, shard.checkpoint ? shortSequenceNumber(shard.checkpoint) : names.none);
      setAttribute(checkpoint, 'title', shard.checkpoint ?? undefined);
    },
  };
}

function stateOf({ attempts, state = 'reading' }: ShardStatus): string {
  return attempts > 0 ? 'failing' : state;
}

function iconOf({ attempts, state }: ShardStatus): IconName {
  if (attempts > 0) return 'retrying';
  if (state === 'ended') return 'stopped';
  return state === 'waiting-for-parent' ? 'waiting' : 'flowing';
}

function describeState(shard: ShardStatus, words: Messages): string {
  const { state = 'reading', attempts, window } = shard;
  const parts = [words.shardStates[state]];
  if (attempts > 0) parts.push(words.failedTries(attempts));
  if (window) {
    const time = (at: number) => new Date(at).toLocaleTimeString(words.language);
    const size = bytes(window.stateBytes, words.language);
    parts.push(words.shards.window(time(window.start), time(window.end), size));
  }
  return parts.join(' · ');
}

/** Nodes and lines stand where the rows came to lie. */
function drawTree(picture: SVGElement, body: HTMLElement, placed: readonly PlacedShard[]): void {
  const lanes = placed.reduce((most, { lane }) => Math.max(most, lane + 1), 0);
  const isTree = placed.some(({ parents }) => parents.length > 0);
  const width = isTree ? lanes * LANE_WIDTH : 0;
  picture.parentElement?.style.setProperty('--tree', `${width > 0 ? width + TREE_GAP : 0}px`);
  const rows = [...body.children] as HTMLElement[];
  const top = picture.getBoundingClientRect().top;
  const middles = new Map(
    placed.map(({ shard }, index) => {
      const box = rows[index]?.getBoundingClientRect();
      return [shard.shardId, box ? box.top - top + box.height / 2 : 0] as const;
    }),
  );
  const y = (shardId: string) => middles.get(shardId) ?? 0;
  const byId = new Map(placed.map((one) => [one.shard.shardId, one]));
  const scale = { laneWidth: LANE_WIDTH, bend: BEND, y };
  const lines = placed.flatMap((child) =>
    child.parents.flatMap((id) => {
      const parent = byId.get(id);
      return parent ? [drawing('path', { d: edgePath(parent, child, scale) })] : [];
    }),
  );
  const nodes = placed.map(({ shard, lane }) =>
    drawing('circle', {
      cx: String(LANE_WIDTH * (lane + 0.5)),
      cy: String(y(shard.shardId)),
      r: '4',
      'data-state': stateOf(shard),
    }),
  );
  picture.replaceChildren(...(isTree ? [...lines, ...nodes] : []));
}
