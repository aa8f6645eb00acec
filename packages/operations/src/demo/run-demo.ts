import { createApiClient } from './api-client.ts';
import type { DemoContext } from './context.ts';
import { type DemoReport, type Outcome, summarize } from './report.ts';
import { beginRun, finishRun } from './run-state.ts';
import { sampleEvents } from './sample-events.ts';
import { sampleFiles } from './samples/index.ts';
import { signIn } from './sign-in.ts';
import { checkAccess } from './steps/access.ts';
import { sendReadings } from './steps/devices.ts';
import { checkDocuments, newestDocuments } from './steps/documents.ts';
import { checkMetrics, sendEvents, sendMalformedEvents } from './steps/events.ts';
import { sendFiles } from './steps/files.ts';
import { checkLake, type ExpectedRows } from './steps/lake.ts';
import { placeOrders } from './steps/orders.ts';
import { searchDocuments } from './steps/search.ts';
import { checkSql } from './steps/sql.ts';
import type { Targets } from './targets.ts';

export interface DemoOptions {
  readonly targets: Targets;
  /** Where the run is noted, so that a killed one is gone on with. */
  readonly stateFile: string;
  readonly timeoutMs: number;
  readonly onProgress: (message: string) => void;
}

/** Widths that file-processing makes of a large enough picture. */
export const LADDER = [1280, 640, 200] as const;

/**
 * Sends sample input through every entry point and waits for every result.
 * The whole run is idempotent: killed anywhere and begun again, it goes on with the same ids and
 * must end in the same totals.
 */
export async function runDemo({
  targets,
  stateFile,
  timeoutMs,
  onProgress,
}: DemoOptions): Promise<DemoReport> {
  const { run, resumed } = beginRun(stateFile, new Date());
  const tenant = `demo-${run.runId}`;
  onProgress(
    resumed
      ? `Going on with run ${run.runId}, which was interrupted`
      : `Run ${run.runId}: signing in`,
  );
  const token = await signIn(targets, tenant);
  const api = createApiClient(targets.apiUrl, token);
  const context: DemoContext = { targets, run, tenant, api, timeoutMs, ladder: LADDER, onProgress };

  const since = performance.now();
  const events = sampleEvents(run);
  onProgress('Sending files, events, readings and orders');
  const [files, sentEvents, devices, orders] = await Promise.all([
    sendFiles(context, await sampleFiles()),
    sendEvents(context, events),
    sendReadings(context),
    placeOrders(context),
  ]);
  const malformed = await sendMalformedEvents(context, events[0] ?? fail());
  const documents = newestDocuments(events);
  const counted = [...events, ...devices.events, ...orders.events];
  onProgress('Searching, and waiting for the metrics and the lake');
  const tables: ExpectedRows[] = [
    latestFiles(files.map(({ fileId, file }) => [fileId, file.expected.status])),
    latestOrders([
      ...orders.orderIds,
      ...events.flatMap((event) =>
        event.type === 'millrace.order.v1' ? [event.data.orderId] : [],
      ),
    ]),
    {
      table: 'devices',
      keyColumn: 'device_id',
      stateColumn: 'status',
      rows: all(devices.deviceIds, 'active'),
    },
    {
      table: 'documents',
      keyColumn: 'document_id',
      stateColumn: "coalesce(version, 'deleted')",
      rows: new Map([...documents].map(([id, { version = 'deleted' }]) => [id, version])),
    },
  ];
  const [found, shown, metrics, lake, sql] = await Promise.all([
    searchDocuments(context),
    checkDocuments(context, documents, since),
    checkMetrics(context, counted, since),
    checkLake(context, tables, counted, since),
    checkSql(context, tables.map(withoutDeleted), since),
  ]);
  const outcomes: Outcome[] = [
    ...files.map((file) => file.outcome),
    ...found,
    shown,
    sentEvents,
    malformed,
    ...devices.outcomes,
    ...orders.outcomes,
    ...metrics,
    ...lake,
    sql,
    ...(await checkAccess(context, token)),
  ];
  finishRun(stateFile, run);
  return summarize(run.runId, resumed, outcomes);
}

/** Views show no document that is deleted. */
function withoutDeleted(expected: ExpectedRows): ExpectedRows {
  const rows = new Map([...expected.rows].filter(([, state]) => state !== 'deleted'));
  return { ...expected, rows };
}

function latestFiles(files: readonly (readonly [string, string])[]): ExpectedRows {
  return { table: 'files', keyColumn: 'file_id', stateColumn: 'status', rows: new Map(files) };
}

function latestOrders(orderIds: readonly string[]): ExpectedRows {
  return {
    table: 'orders',
    keyColumn: 'order_id',
    stateColumn: 'status',
    rows: all(orderIds, 'placed'),
  };
}

function all(keys: readonly string[], state: string): Map<string, string> {
  return new Map(keys.map((key) => [key, state]));
}

function fail(): never {
  throw new Error('The sample holds no event.');
}
