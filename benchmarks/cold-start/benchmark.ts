import type { Benchmark } from '../benchmark.ts';

export const benchmark: Benchmark = {
  options: `  --service <name>  whose functions (default file-processing)
  --rounds <n>      starts of each, of which the medians are printed (default 9)`,
  async run(args, print) {
    const { readOptions, runColdStart } = await import('./run.ts');
    return runColdStart(readOptions(args), print);
  },
};
