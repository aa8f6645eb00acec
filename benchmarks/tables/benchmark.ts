import type { Benchmark } from '../benchmark.ts';

export const benchmark: Benchmark = {
  options: `  --rounds <n>      rounds whose median counts (default 5)
  --scale <x>       part of the usual number of rows (default 1)
  --check           exit code 1 below 0.7 of parser and writer together, or from 256 MiB on`,
  async run(args, print) {
    const { runTables } = await import('./run.ts');
    return runTables(args, print);
  },
};
