/** Services whose functions put records aside, each into a table of its own. */
const WITH_LETTERS = ['stream-analytics', 'iot-ingest', 'etl'] as const;
/** The queues of what was given up, by service. */
const QUEUES: readonly (readonly [service: string, name: string])[] = [
  ['stream-analytics', 'stream-analytics-failures'],
  ['iot-ingest', 'iot-ingest-failures'],
  ['iot-ingest', 'iot-ingest-rule-errors'],
  ['etl', 'etl-failures'],
  ['file-processing', 'file-processing-failures'],
  ['api', 'api-tend-devices-failures'],
];

export interface NamedPlace {
  readonly service: string;
  readonly name: string;
}

export const SERVICES: readonly string[] = [...new Set(QUEUES.map(([service]) => service))];

export function letterTables(stage: string, only?: string): NamedPlace[] {
  return WITH_LETTERS.filter((service) => only === undefined || only === service).map(
    (service) => ({ service, name: `millrace-${stage}-${service}-dead-letters` }),
  );
}

export function failureQueues(stage: string, only?: string): NamedPlace[] {
  return QUEUES.filter(([service]) => only === undefined || only === service).map(
    ([service, name]) => ({ service, name: `millrace-${stage}-${name}` }),
  );
}

/** Of a table or queue whose service is not deployed (locally: not running). */
export class NotDeployed extends Error {}

/** A table, queue, stream or function cannot be reached, or says no. */
export class DeadLettersError extends Error {
  readonly code = 'DEAD_LETTERS_UNREACHABLE';
}

const NOT_THERE = new Set([
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
]);

/** @throws NotDeployed or DeadLettersError where the call rejects */
export async function reach<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    if (cause instanceof Error && NOT_THERE.has(cause.name)) {
      throw new NotDeployed(`${what} is not there (${why}).`, { cause });
    }
    throw new DeadLettersError(
      `${what} cannot be reached (${why}): start the stack with "npm start", or name a stage that is deployed.`,
      { cause },
    );
  }
}
