import { median } from '../statistics.ts';
import { generate } from './generate.ts';
import { parse, parsed, work, write, writeStream } from './subjects.ts';

/**
 * Does one thing with one file, alone in its process, and prints the median of the seconds that it
 * took once the compiler was done: `run.ts` starts it. In one process they would pay for each other's garbage.
 */
const [, , name = '', rows = ''] = process.argv;
const file: Uint8Array[] = [];
for await (const chunk of generate(Number(rows))) file.push(chunk);
const size = file.reduce((sum, { length }) => sum + length, 0);

async function* source() {
  yield* file;
}

const subjects: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
  parser: async () => () => parse(source),
  writer: async () => {
    const ready = await parsed(source);
    return () => write(ready);
  },
  stream: async () => {
    const ready = await parsed(source);
    return () => writeStream(ready);
  },
  dataset: async () => () => work(source, size, true),
  inferred: async () => () => work(source, size, false),
};

const REPETITIONS = 3;
const subject = await subjects[name]?.();
await subject?.();
const seconds: number[] = [];
for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
  const started = performance.now();
  await subject?.();
  seconds.push((performance.now() - started) / 1000);
}
process.stdout.write(JSON.stringify(median(seconds)));
