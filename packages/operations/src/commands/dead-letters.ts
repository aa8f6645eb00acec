import { DeadLettersError } from '../dead-letters/places.ts';
import { openSources, type Sources } from '../dead-letters/sources.ts';
import { UsageError } from '../usage-error.ts';
import { discard } from './dead-letters/discard.ts';
import { list } from './dead-letters/list.ts';
import { redrive } from './dead-letters/redrive.ts';
import { readSettings, type Settings } from './dead-letters/settings.ts';
import { show } from './dead-letters/show.ts';

const HELP = `millrace dead-letters <list | show | redrive | discard> [id …] [options]

What functions put aside, and what was given up: letters (records with a reason), batches (ranges of
a stream that used up their retries), invocations (asynchronous ones), rule errors, and work on files.

  list            the newest first
  show <id>       reason, attributes and the payload; of a batch its first records
  redrive [id …]  hand it to its function again, in the order of the stream; only told without --yes
  discard [id …]  close it for good; only told without --yes. Needs an id or a filter

  --service <name>   only of this service
  --function <name>  only of this function, e.g. countEvents
  --code <code>      only with this reason
  --kind <kind>      only letter, batch, invocation, rule-error or work
  --limit <n>        list: how many (default 100); redrive: letters of a table (default 10000)
  --records <n>      show: records of a batch (default 10)
  --all              list, show: what was redriven or discarded, too
  --yes              redrive, discard: do it
  --rate <n>         redrive: at most so many records a second (default 100)
  --force            redrive: also what arrived more than 14 days ago
  --stage <name>     where (default local)
  --json             print the result as JSON

A letter is in the hands of a run while it is redriven, and in nobody else's; the same command goes on
with what an interrupted run left. What is redriven twice has its effect once.

Exit code 0: all was done, or it was only shown. 1: some stay, or no such id. 2: wrong usage.
3: tables, queues, streams or functions cannot be reached.`;

type Action = (sources: Sources, settings: Settings, signal: AbortSignal) => Promise<number>;

const ACTIONS: Readonly<Record<string, Action>> = { list, show, redrive, discard };

/** @returns the exit code. */
export async function deadLetters(args: string[]): Promise<number> {
  const settings = readSettings(args);
  if (settings === undefined) {
    console.log(HELP);
    return 0;
  }
  const act = Object.hasOwn(ACTIONS, settings.action) ? ACTIONS[settings.action] : undefined;
  if (!act)
    throw new UsageError(`What is to be done? There are: ${Object.keys(ACTIONS).join(', ')}.`);
  const sources = openSources(settings.stage, settings.filter.service);
  const stop = new AbortController();
  const abort = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, abort);
  try {
    return await act(sources, settings, stop.signal);
  } catch (error) {
    if (!(error instanceof DeadLettersError)) throw error;
    console.error(`millrace: ${error.message} [${error.code}]`);
    return 3;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, abort);
    sources.close();
  }
}
