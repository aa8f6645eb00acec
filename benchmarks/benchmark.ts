import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm run bench -- <name>` runs: `<name>/benchmark.ts` exports one as `benchmark`. */
export interface Benchmark {
  /** Its options, one a line and indented by two, as `--help` shows them. */
  readonly options: string;
  /**
   * Measures and prints. Loads what it measures only now: `--help` reads every benchmark.
   *
   * @returns the exit code: 1 where `--check` is among the arguments and a figure is not what it has to be
   * @throws LocalCloudError USAGE, or what parseArgs throws
   */
  run(args: readonly string[], print: (line: string) => void): Promise<0 | 1>;
}

const fileOf = (name: string) => join(import.meta.dirname, name, 'benchmark.ts');

/** Every benchmark by its name, which is that of its folder. */
export async function loadBenchmarks(): Promise<ReadonlyMap<string, Benchmark>> {
  const names = readdirSync(import.meta.dirname).filter((name) => existsSync(fileOf(name)));
  const load = async (name: string): Promise<[string, Benchmark]> => {
    const { benchmark } = await import(fileOf(name));
    return [name, benchmark];
  };
  return new Map(await Promise.all(names.toSorted().map(load)));
}
