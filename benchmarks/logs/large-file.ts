import { setImmediate as turn } from 'node:timers/promises';
import { generate } from './generate.ts';
import { work } from './subjects.ts';

/**
 * Works through one large log, alone in its process, and prints what it took: `run.ts` starts it.
 * Its argument is the number of lines.
 */
const lines = Number(process.argv[2]);
let bytes = 0;

async function* counted() {
  for await (const chunk of generate('combined', lines)) {
    bytes += chunk.length;
    // As from a network: what was let go of is freed between turns of the loop.
    await turn();
    yield chunk;
  }
}

const started = performance.now();
await work('combined', counted, lines * 200);
const seconds = (performance.now() - started) / 1000;
const { maxRSS } = process.resourceUsage();
process.stdout.write(JSON.stringify({ bytes, seconds, peakBytes: maxRSS * 1024 }));
