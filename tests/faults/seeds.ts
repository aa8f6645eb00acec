import type { RecordedService } from './platform/registrations.ts';
import { openSession, type SeedResult, type Session } from './session.ts';

/** The services of the platform, those that others import from first. */
export const SERVICES = [
  'stream-analytics',
  'file-processing',
  'iot-ingest',
  'etl',
  'api',
] as const;

/** Seeds that one platform runs at most: its engines keep all that was ever sent. */
const SEEDS_PER_PLATFORM = 60;

/** Runs seeds one after the other, on a new platform whenever the old one has had its time. */
export async function runSeeds(
  services: readonly RecordedService[],
  seeds: Iterable<number>,
  onResult: (result: SeedResult) => void,
): Promise<void> {
  let session: Session | undefined;
  let left = 0;
  try {
    for (const seed of seeds) {
      if (!session || session.isOld || left === 0) {
        await session?.close();
        session = undefined;
        session = await openSession(services);
        left = SEEDS_PER_PLATFORM;
      }
      left -= 1;
      const result = await session.run(seed);
      onResult(result);
      // What one run left behind must not be laid to the next one's charge.
      if (result.mismatches.length > 0) left = 0;
    }
  } finally {
    await session?.close();
  }
}
