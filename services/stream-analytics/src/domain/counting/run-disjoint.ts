/** Work that must not run beside other work on the same items. */
export interface Claiming {
  readonly items: ReadonlySet<string>;
}

/**
 * Runs work side by side, at most `concurrency` at a time and never two that share an item: they
 * would only cancel each other's transactions. After a failure nothing new starts.
 *
 * @returns the work that did not succeed, with the cause; what never started has that of the first failure.
 */
export async function runDisjoint<W extends Claiming>(
  work: readonly W[],
  concurrency: number,
  run: (piece: W) => Promise<void>,
): Promise<{ piece: W; cause: unknown }[]> {
  const waiting = [...work];
  const running = new Map<W, Promise<void>>();
  const failed: { piece: W; cause: unknown }[] = [];

  const start = (piece: W) => {
    waiting.splice(waiting.indexOf(piece), 1);
    const done = run(piece)
      .catch((cause: unknown) => void failed.push({ piece, cause }))
      .finally(() => running.delete(piece));
    running.set(piece, done);
  };

  while (running.size > 0 || (waiting.length > 0 && failed.length === 0)) {
    const next =
      failed.length === 0 && running.size < concurrency
        ? waiting.find((piece) => isFree(piece, running.keys()))
        : undefined;
    if (next) start(next);
    else await Promise.race(running.values());
  }
  const [first] = failed;
  return [...failed, ...waiting.map((piece) => ({ piece, cause: first?.cause }))];
}

function isFree(piece: Claiming, running: Iterable<Claiming>): boolean {
  for (const other of running) {
    for (const item of piece.items) if (other.items.has(item)) return false;
  }
  return true;
}
