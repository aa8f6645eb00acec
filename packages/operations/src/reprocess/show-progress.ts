import type { Tally } from './redo-files.ts';

const BAR = 24;

/** `[######------] 50 %  6 of 12` */
export function progressLine(tally: Readonly<Tally>, total: number): string {
  const done = doneOf(tally);
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.floor(share * BAR);
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}] ${Math.floor(share * 100)} %  ${done} of ${total}`;
}

/** Draws over itself on a terminal; elsewhere a line per tenth. */
export function showProgress(
  stream: { readonly isTTY?: boolean; write(text: string): unknown },
  total: number,
): (tally: Readonly<Tally>) => void {
  let shown = -1;
  return (tally) => {
    if (stream.isTTY) {
      stream.write(`\r\u001b[K${progressLine(tally, total)}`);
      return;
    }
    const tenth = total === 0 ? 10 : Math.floor((doneOf(tally) * 10) / total);
    if (tenth > shown) stream.write(`${progressLine(tally, total)}\n`);
    shown = Math.max(shown, tenth);
  };
}

function doneOf({ ready, rejected, failed, changed, unfinished }: Readonly<Tally>): number {
  return ready + rejected + failed + changed + unfinished;
}
