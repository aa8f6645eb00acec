import type { Benchmark } from '../benchmark.ts';

export const benchmark: Benchmark = {
  options: `  --rounds <n>      rounds, of which the medians are printed (default 3)
  --scale <x>       part of the usual number of events (default 1)
  --sources a,b     of s3, kinesis, dynamodb, sqs, mqtt (default all)
  --state <place>   of Millrace: memory, as MiniStack's (default), or disk
  --solo            without MiniStack`,
  async run(args, print) {
    const { readOptions, runTriggers } = await import('./run.ts');
    return runTriggers(readOptions(args), print);
  },
};
