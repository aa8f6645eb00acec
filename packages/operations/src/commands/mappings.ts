import { parseArgs, styleText } from 'node:util';
import { type CloudStatus, isBlocked } from '@millrace/local-cloud/status';
import { localTargets } from '../demo/targets.ts';
import { mappingLine, mappingsTable, type Paint } from '../mappings/mappings-table.ts';
import { CloudUnreachableError, readStatus } from '../mappings/read-status.ts';
import { selectMappings } from '../mappings/select-mappings.ts';
import { createChanges, watchStatus } from '../mappings/watch-mappings.ts';
import { UsageError } from '../usage-error.ts';

const help = (pageUrl: string) => `millrace mappings

Shows every trigger of the running local cloud: how much it delivered, what waits, what is retried,
split and given up, and where that went. The same, live and drawn: ${pageUrl}

  --function <name>     only functions of this name; * and ? stand for anything, as in 'count*'
  --json                the mappings as JSON, as /_millrace/status has them
  --watch               every second again until Ctrl-C; where the output is no terminal, a line per change
  --check               exit code 1 when a mapping is blocked
  --blocked-after <s>   a mapping is blocked when a record that fails is older than this (default 30),
                        and when its service is not running

Exit code 0: all right. 1: with --check, a mapping is blocked or none is selected. 2: wrong usage.
3: no local cloud answers.`;

interface Settings {
  readonly json: boolean;
  readonly pattern: string | undefined;
  readonly blockedAfterMs: number;
  readonly edgeUrl: string;
}

/** @returns the exit code. */
export async function mappings(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      function: { type: 'string' },
      json: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      'blocked-after': { type: 'string', default: '30' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help(`${localTargets().edgeUrl}/_millrace/`));
    return 0;
  }
  if (values.watch && values.check) throw new UsageError('--check looks once: leave out --watch.');
  const settings = {
    json: values.json,
    pattern: values.function,
    blockedAfterMs: milliseconds(values['blocked-after']),
    edgeUrl: localTargets().edgeUrl,
  };
  try {
    if (values.watch) return await watch(settings);
    return show(await readStatus(settings.edgeUrl), settings, values.check);
  } catch (error) {
    if (!(error instanceof CloudUnreachableError)) throw error;
    console.error(`millrace: ${error.message} [${error.code}]`);
    return 3;
  }
}

function show(status: CloudStatus, settings: Settings, check: boolean): number {
  const selected = selectMappings(status.mappings, settings.pattern);
  if (selected.length === 0 && settings.pattern !== undefined) {
    console.error(`millrace: no mapping's function is called ${settings.pattern}.`);
  }
  if (settings.json) console.log(JSON.stringify(selected, null, 2));
  else if (selected.length > 0 || settings.pattern === undefined) {
    console.log(mappingsTable(status, selected, { ...settings, paint }));
  }
  if (!check) return 0;
  const blocked = selected.some((mapping) => isBlocked(mapping, settings.blockedAfterMs));
  return blocked || selected.length === 0 ? 1 : 0;
}

async function watch(settings: Settings): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  // A reader that has seen enough (`| head`) ends it too.
  process.stdout.on('error', () => stop.abort());
  const output = process.stdout.isTTY && !settings.json ? redrawn(settings) : perChange(settings);
  await watchStatus({
    ...output,
    read: () => readStatus(settings.edgeUrl),
    signal: stop.signal,
  });
  return 0;
}

function redrawn(settings: Settings) {
  const clear = '\u001b[H\u001b[2J\u001b[3J';
  return {
    show(status: CloudStatus) {
      const selected = selectMappings(status.mappings, settings.pattern);
      const table = mappingsTable(status, selected, { ...settings, paint });
      const time = new Date(status.clock.now).toLocaleTimeString();
      process.stdout.write(`${clear}${table}\n\n${paint('dim', `${time} · Ctrl-C ends this`)}\n`);
    },
    lost: (message: string) => console.log(paint('yellow', message)),
  };
}

function perChange(settings: Settings) {
  const changes = createChanges();
  let isLost = false;
  return {
    show({ clock, mappings: all }: CloudStatus) {
      isLost = false;
      const at = new Date(clock.now).toISOString();
      for (const mapping of changes(selectMappings(all, settings.pattern))) {
        console.log(
          settings.json
            ? JSON.stringify({ at, ...mapping })
            : `${at} ${mappingLine(mapping, settings.blockedAfterMs)}`,
        );
      }
    },
    lost(message: string) {
      if (!isLost) console.error(`millrace: ${message}`);
      isLost = true;
    },
  };
}

/** Colours only where a person looks; `NO_COLOR` is respected. */
const paint: Paint = (tone, text) => styleText(tone, text, { stream: process.stdout });

function milliseconds(text: string): number {
  const seconds = Number(text);
  if (text !== '' && seconds >= 0) return seconds * 1000;
  throw new UsageError(`--blocked-after takes a number of seconds, not "${text}".`);
}
