import type { Benchmark } from '../benchmark.ts';

export const benchmark: Benchmark = {
  options: `  --rounds <n>      rounds whose median counts (default 3)
  --seconds <s>     length of the clip, a multiple of 24 (default 24)
  --check           exit code 1 where two parts are less than 1.5 times as fast as one`,
  async run(args, print) {
    const { runVideo } = await import('./run.ts');
    return runVideo(args, print);
  },
};
