import type { Benchmark } from '../benchmark.ts';

export const benchmark: Benchmark = {
  options: `  --rounds <n>      rounds, of which the medians are printed (default 15)
  --pictures <n>    pictures of a round, one after the other (default 5)`,
  async run(args, print) {
    const { readOptions, runImages } = await import('./run.ts');
    return runImages(readOptions(args), print);
  },
};
