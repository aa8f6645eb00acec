import { readFileSync } from 'node:fs';

/**
 * How long the machine's processors were given to somebody else while they had work, since the start
 * of the machine, in ticks of 10 ms (https://docs.kernel.org/filesystems/proc.html, `steal` of
 * `/proc/stat`). Always 0 where there is no such file: then nothing is known of it.
 */
export function stolenTicks(): number {
  try {
    const [total = ''] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
    return Number(total.trim().split(/\s+/)[8] ?? 0);
  } catch {
    return 0;
  }
}
