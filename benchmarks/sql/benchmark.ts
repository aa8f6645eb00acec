import type { Benchmark } from '../benchmark.ts';

export const benchmark: Benchmark = {
  options: `  --rounds <n>      rounds whose median counts (default 5)
  --scale <x>       part of the usual number of changes (default 1)
  --url <url>       another PostgreSQL than the embedded one; its schemas millrace and millrace_sink are dropped
  --check           exit code 1 below 0.7 of the hand-written statement`,
  async run(args, print) {
    const { runSql } = await import('./run.ts');
    return runSql(args, print);
  },
};
