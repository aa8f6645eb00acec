import type { Benchmark } from '../benchmark.ts';

export const benchmark: Benchmark = {
  options: `  --rest <s>        seconds of rest before (default 30)
  --seconds <s>     seconds of measuring (default 60)`,
  async run(args, print) {
    const { readOptions, runIdle } = await import('./run.ts');
    return runIdle(readOptions(args), print);
  },
};
