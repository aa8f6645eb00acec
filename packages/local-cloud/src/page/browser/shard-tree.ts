import type { ShardStatus } from '../../ports.ts';

/** A shard's place in the picture of splits and merges: its row is its place in the list. */
export interface PlacedShard {
  readonly shard: ShardStatus;
  /** Column of the picture, from the left. */
  readonly lane: number;
  /** Parents that are shown too; the others have left the stream. */
  readonly parents: readonly string[];
}

/**
 * Orders shards so that parents come before their children, each family together. A shard's first
 * child goes on in its lane, every other one gets a lane of its own; a merged shard goes on in the
 * lane of its first parent.
 */
export function placeShards(shards: readonly ShardStatus[]): PlacedShard[] {
  const known = new Set(shards.map(({ shardId }) => shardId));
  const parentsOf = ({ shardId, parents = [] }: ShardStatus) =>
    parents.filter((parent) => known.has(parent) && parent !== shardId);
  return families(shards, parentsOf).flatMap((family) => placeFamily(family, parentsOf));
}

type ParentsOf = (shard: ShardStatus) => readonly string[];

/** Groups of shards that descend from each other, in the order of their first members. */
function families(shards: readonly ShardStatus[], parentsOf: ParentsOf): ShardStatus[][] {
  const familyOf = new Map(shards.map((shard) => [shard.shardId, new Set([shard])]));
  for (const shard of shards) {
    for (const parent of parentsOf(shard)) {
      const mine = familyOf.get(shard.shardId);
      const theirs = familyOf.get(parent);
      if (!mine || !theirs || mine === theirs) continue;
      for (const member of theirs) {
        mine.add(member);
        familyOf.set(member.shardId, mine);
      }
    }
  }
  return [...new Set(familyOf.values())].map((family) =>
    shards.filter((shard) => family.has(shard)),
  );
}

function placeFamily(family: readonly ShardStatus[], parentsOf: ParentsOf): PlacedShard[] {
  const placed = new Map<string, PlacedShard>();
  const continued = new Set<string>();
  let lanes = 0;
  const laneFor = ([parent]: readonly string[]) => {
    const lane = parent === undefined ? undefined : placed.get(parent)?.lane;
    if (parent === undefined || lane === undefined || continued.has(parent)) return lanes++;
    continued.add(parent);
    return lane;
  };
  let waiting = [...family];
  while (waiting.length > 0) {
    const ready = waiting.filter((shard) => parentsOf(shard).every((id) => placed.has(id)));
    // A circle cannot come from a stream; should one ever, it is shown without its lines.
    const next = ready.length > 0 ? ready : waiting;
    for (const shard of next) {
      const parents = ready.length > 0 ? parentsOf(shard) : [];
      placed.set(shard.shardId, { shard, lane: laneFor(parents), parents });
    }
    waiting = waiting.filter((shard) => !placed.has(shard.shardId));
  }
  return [...placed.values()];
}

/** Where a row's middle is and how wide a lane is, in pixels. */
export interface TreeScale {
  readonly laneWidth: number;
  /** Distance from a row's middle within which a line changes its lane. */
  readonly bend: number;
  y(shardId: string): number;
}

/** The line from a parent to its child: a split leaves its lane at once, a merge at the end. */
export function edgePath(
  parent: PlacedShard,
  child: PlacedShard,
  { laneWidth, bend, y }: TreeScale,
): string {
  const x = (lane: number) => laneWidth * (lane + 0.5);
  const [x1, y1] = [x(parent.lane), y(parent.shard.shardId)];
  const [x2, y2] = [x(child.lane), y(child.shard.shardId)];
  if (x1 === x2) return `M${x1} ${y1}V${y2}`;
  if (child.parents.length > 1) {
    return `M${x1} ${y1}V${y2 - bend}C${x1} ${y2 - bend / 2} ${x2} ${y2 - bend / 2} ${x2} ${y2}`;
  }
  return `M${x1} ${y1}C${x1} ${y1 + bend / 2} ${x2} ${y1 + bend / 2} ${x2} ${y1 + bend}V${y2}`;
}
