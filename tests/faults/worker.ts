/** A process that runs the seeds that it is given, and tells each result. */
import type { RecordedService } from './platform/registrations.ts';
import { runSeeds } from './seeds.ts';

export interface Assignment {
  readonly services: readonly RecordedService[];
  readonly seeds: readonly number[];
}

process.on('disconnect', () => process.exit(1));
process.once('message', (assignment: Assignment) => {
  runSeeds(assignment.services, assignment.seeds, (result) => process.send?.(result)).then(
    () => process.disconnect(),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
