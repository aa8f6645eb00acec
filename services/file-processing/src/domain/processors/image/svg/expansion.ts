import { UnsafeSvg } from './unsafe-svg.ts';

/** An element, and what is drawn again because of it. */
export interface Node {
  readonly children: Node[];
  /** Ids, without `#`. */
  readonly references: string[];
}

/** Elements that are drawn when every reference is followed. */
const MAX_DRAWN = 200_000;
export const MAX_DEPTH = 500;

/**
 * Counts what would be drawn: ten `use` of ten `use` of … are few lines and billions of elements.
 * References of style sheets are not followed; what they cost ends with the drawing's time.
 *
 * @throws UnsafeSvg
 */
export function checkExpansion(root: Node, byId: ReadonlyMap<string, Node>): void {
  const costs = new Map<Node, number>();
  const open = new Set<Node>();

  function costOf(node: Node, depth: number): number {
    const known = costs.get(node);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) throw new UnsafeSvg('is nested too deeply');
    if (open.has(node)) throw new UnsafeSvg('contains itself');
    open.add(node);
    let cost = 1;
    for (const child of node.children) cost += costOf(child, depth + 1);
    for (const id of node.references) {
      const target = byId.get(id);
      if (target) cost += costOf(target, depth + 1);
    }
    if (cost > MAX_DRAWN) throw new UnsafeSvg(`draws more than ${MAX_DRAWN} elements`);
    open.delete(node);
    costs.set(node, cost);
    return cost;
  }

  costOf(root, 0);
}
