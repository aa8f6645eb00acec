import type { Benchmark } from '../benchmark.ts';

export const benchmark: Benchmark = {
  options: `  --rounds <n>      rounds whose median counts (default 7)
  --scale <x>       part of the usual number of events (default 1)
  --check           exit code 1 where validating and adding up events of a kilobyte is below 0.53 of
                    JSON.parse alone or the whole handler below 0.35 (medians of the mixes), or
                    batches below 10 times a record at a time`,
  async run(args, print) {
    // The handler's metrics are lines on the terminal, as CloudWatch reads them.
    process.env.POWERTOOLS_METRICS_DISABLED = 'true';
    process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
    const { runEvents } = await import('./run.ts');
    return runEvents(args, print);
  },
};
