import fc from 'fast-check';

interface Sketch<S> {
  merge(other: S): S;
  toBytes(): Uint8Array;
}

/** How a multiset of things comes: in which order, to which of some sketches, how those are merged. */
export interface Sharing<T> {
  readonly things: readonly T[];
  readonly order: readonly number[];
  readonly sketches: number;
  readonly seeds: readonly number[];
}

export function sharingOf<T>(things: fc.Arbitrary<T>, most: number): fc.Arbitrary<Sharing<T>> {
  return fc.record({
    things: fc.array(things, { maxLength: most, size: 'max' }),
    order: fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
    sketches: fc.integer({ min: 1, max: 6 }),
    seeds: fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
  });
}

/** Adds each thing to one of the sketches, then merges two at a time, at times by way of their bytes. */
export function shareOut<T, S extends Sketch<S>>(
  { things, order, sketches, seeds }: Sharing<T>,
  made: { empty(): S; fromBytes(bytes: Uint8Array): S; add(sketch: S, thing: T): void },
): S {
  const all = Array.from({ length: sketches }, () => made.empty());
  const shuffled = things
    .map((thing, at) => ({ thing, key: chosen(order, at) }))
    .sort((one, other) => one.key - other.key);
  shuffled.forEach(({ thing, key }) => {
    const sketch = all[key % sketches];
    if (sketch) made.add(sketch, thing);
  });
  for (let step = 0; all.length > 1; step += 1) {
    const seed = chosen(seeds, step);
    const [taken] = all.splice(seed % all.length, 1);
    const into = all[Math.floor(seed / 7) % all.length];
    if (taken && into) into.merge(seed % 2 === 0 ? taken : made.fromBytes(taken.toBytes()));
  }
  return all[0] ?? made.empty();
}

function chosen(from: readonly number[], at: number): number {
  return ((from[at % from.length] ?? 0) + Math.imul(at, 0x9e3779b1)) >>> 0;
}
