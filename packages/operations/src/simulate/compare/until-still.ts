import { setTimeout as sleep } from 'node:timers/promises';
import type { Line } from './line.ts';

const PAUSE_MS = 1_000;
const MOMENT_MS = 2_000;

/**
 * Compares again and again until all is right, and still so a moment later: nothing may go past what is
 * expected. Where something is wrong, it waits as long as anything changes, and `timeoutMs` more.
 */
export async function untilStill(
  compare: () => Promise<Line[]>,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<Line[]> {
  let last = { text: '', at: performance.now(), wasRight: false };
  for (;;) {
    const lines = await compare();
    const isRight = lines.every(({ right }) => right);
    if (isRight && last.wasRight) return lines;
    const text = JSON.stringify(lines);
    const now = performance.now();
    if (text !== last.text) last = { text, at: now, wasRight: isRight };
    else if (now - last.at > timeoutMs) return lines;
    await sleep(isRight ? MOMENT_MS : PAUSE_MS);
  }
}
