import { generate } from './generate.ts';
import { work } from './subjects.ts';

/**
 * Works through one large file, alone in its process, and prints what it took: `run.ts` starts it.
 * Its argument is the number of rows.
 */
const rows = Number(process.argv[2]);
let bytes = 0;

async function* counted() {
  for await (const chunk of generate(rows)) {
    bytes += chunk.length;
    yield chunk;
  }
}

const started = performance.now();
await work(counted, rows * 120, true);
const seconds = (performance.now() - started) / 1000;
const { maxRSS } = process.resourceUsage();
process.stdout.write(JSON.stringify({ bytes, seconds, peakBytes: maxRSS * 1024 }));
