import type { CloudStatus } from '@millrace/local-cloud/status';

const ANSWER_MS = 5_000;

/** The local cloud does not answer, or something else does. */
export class CloudUnreachableError extends Error {
  readonly code = 'CLOUD_UNREACHABLE';
}

/** @throws CloudUnreachableError with one line that says what to do */
export async function readStatus(edgeUrl: string): Promise<CloudStatus> {
  const response = await fetch(`${edgeUrl}/_millrace/status`, {
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch(() => undefined);
  if (!response) {
    throw new CloudUnreachableError(
      `No local cloud answers at ${edgeUrl}: start it with "npm start", or name its port with MILLRACE_EDGE_PORT.`,
    );
  }
  const status = (await response.json().catch(() => undefined)) as CloudStatus | undefined;
  if (!response.ok || !Array.isArray(status?.mappings)) {
    throw new CloudUnreachableError(
      `What answers at ${edgeUrl} is no local cloud of Millrace: name its port with MILLRACE_EDGE_PORT.`,
    );
  }
  return status;
}
