import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { lambdaInvoker, RedriveError, sqsQueue } from '../redrive/aws.ts';
import { readingsFunction, readingsSource, SOURCES, type SourceName } from '../redrive/readings.ts';
import { redriveMessages, type Tally } from '../redrive/redrive-messages.ts';
import { alignRows } from '../terminal/columns.ts';
import { UsageError } from '../usage-error.ts';

const HELP = `millrace redrive readings

Has readings of devices taken in that wait in a queue: those that the topic rule could not hand over
(rule-errors), or that the function could not take (failures). Without --yes it only shows them. A
message leaves the queue when the function has answered for it; one that is redriven twice is counted
once. An interrupted run is gone on with by the same command.

  --from <queue>  rule-errors (default) or failures
  --yes           do it
  --rate <n>      at most so many a second (default 20)
  --stage <name>  where (default local)
  --json          print the report as JSON

Exit code 0: nothing of ours is left, or it was only shown. 1: some stay. 2: wrong usage.
3: the queue or the function cannot be reached.`;

interface Settings {
  readonly from: SourceName;
  readonly isAgreed: boolean;
  readonly rate: number;
  readonly isJson: boolean;
  readonly stage: string;
}

/** Devices, by what became of their messages and why they were in the queue. */
interface Row {
  readonly deviceId: string;
  readonly outcome: string;
  readonly reason: string;
  messages: number;
}

/** @returns the exit code. */
export async function redrive(args: string[]): Promise<number> {
  const settings = readSettings(args);
  if (settings === undefined) {
    console.log(HELP);
    return 0;
  }
  const { stage, from } = settings;
  const source = readingsSource(from, stage);
  const queue = sqsQueue(stage, source.queue);
  const invoker = lambdaInvoker(stage, readingsFunction(stage));
  const stop = new AbortController();
  const abort = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, abort);
  const rows = new Map<string, Row>();
  try {
    const tally = await redriveMessages({
      ...{ queue, source, signal: stop.signal },
      invoke: settings.isAgreed ? invoker.invoke : undefined,
      pace: pacer(settings.rate),
      onMessage({ deviceId, reason: why }, _message, invoked) {
        const outcome = invoked?.outcome ?? 'waiting';
        const reason = invoked?.outcome === 'failed' ? invoked.reason : why;
        const key = JSON.stringify([deviceId, outcome, reason]);
        const row = rows.get(key) ?? { deviceId, outcome, reason, messages: 0 };
        row.messages += 1;
        rows.set(key, row);
      },
    });
    return report(settings, tally, [...rows.values()], stop.signal.aborted);
  } catch (error) {
    if (!(error instanceof RedriveError)) throw error;
    console.error(`millrace: ${error.message} [${error.code}]`);
    return 3;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, abort);
    queue.close();
    invoker.close();
  }
}

function report(
  { isJson, isAgreed, from }: Settings,
  tally: Tally,
  rows: readonly Row[],
  isStopped: boolean,
): number {
  const { waiting, accepted, rejected, over_quota, failed, skipped } = tally;
  if (!isAgreed) {
    const shown = { from, waiting, others: skipped, messages: rows };
    if (isJson) console.log(JSON.stringify(shown, null, 2));
    else {
      for (const line of tableOf(rows)) console.log(line);
      console.log(`${waiting} readings wait in ${from}. Have them taken in with --yes.`);
    }
    return 0;
  }
  if (isJson) {
    console.log(JSON.stringify({ from, ...tally, isStopped, messages: rows }, null, 2));
  } else {
    for (const line of tableOf(rows)) console.log(line);
    console.log(
      `${accepted} taken in, ${rejected} rejected, ${over_quota} over quota, ${failed} failed, ${skipped} of others left alone.`,
    );
    if (isStopped) console.log('Stopped. The same command goes on.');
  }
  return over_quota + failed === 0 && !isStopped ? 0 : 1;
}

function tableOf(rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map(({ deviceId, messages, outcome, reason }) => [
    ...[deviceId, String(messages), outcome],
    reason.slice(0, 100),
  ]);
  return alignRows([['device', 'messages', 'outcome', 'reason'], ...cells], new Set([1]));
}

/** Lets one through every `1 / rate` seconds. */
function pacer(rate: number): () => Promise<void> {
  let next = 0;
  return async () => {
    const now = performance.now();
    const at = Math.max(now, next);
    next = at + 1000 / rate;
    if (at > now) await sleep(at - now);
  };
}

function readSettings(args: string[]): Settings | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      from: { type: 'string', default: 'rule-errors' },
      yes: { type: 'boolean', default: false },
      rate: { type: 'string', default: '20' },
      stage: { type: 'string', default: 'local' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  if (positionals.length !== 1 || positionals[0] !== 'readings') {
    throw new UsageError('What is to be redriven? There are: readings.');
  }
  const from = SOURCES.find((name) => name === values.from);
  if (!from) throw new UsageError(`--from takes ${SOURCES.join(' or ')}, not "${values.from}".`);
  const rate = Number(values.rate);
  if (!Number.isInteger(rate) || rate < 1 || rate > 1_000) {
    throw new UsageError(`--rate takes a number from 1 to 1000, not "${values.rate}".`);
  }
  return { from, rate, isAgreed: values.yes, isJson: values.json, stage: values.stage };
}
