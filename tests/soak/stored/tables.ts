import { type AttributeValue, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  decimalOfInteger,
  parseDecimal,
} from '../../../services/stream-analytics/src/domain/decimal.ts';
import { COMPARED, COUNTED_ONLY } from '../expected/counters.ts';
import { counterName, type Totals, type Window } from '../expected/totals.ts';

type Item = Record<string, AttributeValue>;

const tableOf = (name: string) => `millrace-local-${name}`;

/** Counters, over all that wrote them. */
export async function readCounters(dynamo: DynamoDBClient, totals: Totals): Promise<void> {
  for await (const item of itemsOf(dynamo, 'metrics')) {
    const metric = item.metric?.S ?? '';
    const by = COMPARED[metric]?.map((name) => item.dimensions?.M?.[name]?.S ?? '');
    if (!by) continue;
    const window = item.window?.S as Window;
    const name = counterName(item.tenant?.S ?? '', metric, window, item.start?.S ?? '', by);
    const sum = COUNTED_ONLY.has(metric) ? 0 : thousandthsOf(item.sum?.N ?? '0');
    totals.add(name, Number(item.count?.N), sum);
  }
}

/** What is known of sessions, devices and their bills. */
export async function readStates(dynamo: DynamoDBClient, totals: Totals): Promise<void> {
  for await (const { pk, sk, state } of itemsOf(dynamo, 'states')) {
    const [tenant = '', kind, name = ''] = pk?.S?.split('#') ?? [];
    const place = sk?.S ?? '';
    if (state?.S === undefined) continue;
    if (kind === 'sessions') addSession(totals, tenant, name, JSON.parse(state.S));
    if (kind === 'usage') addBill(totals, tenant, name, place, JSON.parse(state.S));
    if (kind === 'readings' && place.startsWith('1d#')) {
      const { readings } = JSON.parse(state.S) as { readings: number };
      totals.add(`readings ${tenant} ${name} ${place.slice(3, 13)}`, readings);
    }
  }
}

function addSession(
  totals: Totals,
  tenant: string,
  day: string,
  { views, clicks }: { readonly views: number; readonly clicks: number },
): void {
  totals.add(`sessions ${tenant} ${day} views`, 1, views * 1000);
  totals.add(`sessions ${tenant} ${day} clicks`, 1, clicks * 1000);
}

/** `2026-12` is a bill, `2026-12#adjustment#2026-02` what came too late for that of February. */
function addBill(
  totals: Totals,
  tenant: string,
  device: string,
  place: string,
  bill: { readonly meters: Record<string, { quantity: string; readings: number }> },
): void {
  const [month, , origin] = place.split('#');
  const name = `${origin ? 'adjustment' : 'bill'} ${tenant} ${device} ${origin ?? month}`;
  for (const [meter, { quantity, readings }] of Object.entries(bill.meters)) {
    totals.add(`${name} ${meter}`, readings, thousandthsOf(quantity));
  }
}

/** Orders and documents in their newest state. */
export async function readNewest(dynamo: DynamoDBClient): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  for await (const { tenant, orderId, status } of itemsOf(dynamo, 'orders')) {
    states.set(`order ${tenant?.S} ${orderId?.S}`, status?.S ?? '');
  }
  for await (const item of itemsOf(dynamo, 'documents')) {
    const { tenant, documentId, updatedAt, deleted, title, version } = item;
    const state = deleted?.BOOL ? 'deleted' : `${title?.S} ${version?.S}`;
    states.set(`document ${tenant?.S} ${documentId?.S}`, `${updatedAt?.S} ${state}`);
  }
  return states;
}

/** Dead letters: how many by function, id and reason. */
export async function readLetters(dynamo: DynamoDBClient): Promise<Map<string, string>> {
  const letters = new Map<string, string>();
  for await (const { pk, sk, reasonCode } of itemsOf(dynamo, 'stream-analytics-dead-letters')) {
    letters.set(`letter ${pk?.S?.split('-').at(-1)} ${sk?.S}`, reasonCode?.S ?? '');
  }
  return letters;
}

const THOUSANDTH = decimalOfInteger(1n) / 1000n;

/** @throws RangeError where the sum has more than three decimals: nothing that was sent has. */
function thousandthsOf(text: string): number {
  const value = parseDecimal(text);
  if (value % THOUSANDTH !== 0n) throw new RangeError(`${text} is no sum of thousandths`);
  return Number(value / THOUSANDTH);
}

async function* itemsOf(dynamo: DynamoDBClient, table: string): AsyncGenerator<Item> {
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await dynamo.send(
      new ScanCommand({ TableName: tableOf(table), ConsistentRead: true, ExclusiveStartKey }),
    );
    yield* page.Items ?? [];
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}
