import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { ask } from './ask.ts';
import { type Column, merged, tally, withoutNames } from './columns.ts';
import { renderPage } from './page.ts';
import { PAGE, readRecorded, writeRecorded } from './recorded.ts';
import { type Referee, startReferee } from './referee.ts';
import type { Rule } from './rule.ts';
import { rules as allRules } from './rules/index.ts';
import { createEndpointSubject } from './subjects/endpoint.ts';
import { startMillrace } from './subjects/millrace.ts';
import { others } from './subjects/others.ts';
import type { Subject } from './subjects/subject.ts';

export const HELP = `npm run conformance [-- options]

What AWS documents, asked of Millrace and of the other implementations that are installed.

  --endpoint <url>   an AWS-compatible endpoint, instead of the installed ones
  --name <name>      what to call it (default endpoint)
  --mqtt <url>       its MQTT listener
  --only <text>      rules whose id contains the text (default all)
  --without <name>   leaves one implementation out; may be repeated
  --at-once <n>      rules at a time (default 6)
  --json             the outcomes as JSON
  --write            writes docs/conformance.md; what was not asked stays as it was recorded`;

const OPTIONS = {
  endpoint: { type: 'string' },
  name: { type: 'string', default: 'endpoint' },
  mqtt: { type: 'string' },
  only: { type: 'string', default: '' },
  without: { type: 'string', multiple: true, default: [] as string[] },
  'at-once': { type: 'string', default: '6' },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
} as const;

type Options = ReturnType<typeof readOptions>;
type Start = (referee: Referee) => Promise<Subject>;

function readOptions(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS }).values;
}

/**
 * Asks the rules, and answers 0 when Millrace keeps all that it was asked.
 *
 * @throws LocalCloudError USAGE, or what parseArgs throws
 */
export async function runConformance(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const rules = allRules.filter(({ id }) => id.includes(options.only));
  if (rules.length === 0) throw wrongUsage(`No rule's id contains "${options.only}".`);
  if (options.write && options.endpoint !== undefined) {
    throw wrongUsage('The page is written of Millrace and the installed implementations only.');
  }
  const atOnce = Number(options['at-once']);
  if (!Number.isInteger(atOnce) || atOnce < 1) throw wrongUsage('--at-once takes a number from 1.');

  const columns: Column[] = [];
  for (const start of await startsOf(options)) columns.push(await askOne(start, rules, atOnce));
  if (options.write) await writePage(columns);
  console.log(options.json ? JSON.stringify(columns, null, 2) : terminalTable(rules, columns));
  const own = columns.find(({ name }) => name === 'Millrace');
  return Object.values(own?.cells ?? {}).some(({ kind }) => kind === 'fails') ? 1 : 0;
}

function wrongUsage(message: string): LocalCloudError {
  return new LocalCloudError('USAGE', message);
}

/** One after the other: two at a time would take each other's processor. */
async function startsOf(options: Options): Promise<Start[]> {
  const starts: Start[] = options.without.includes('Millrace') ? [] : [startMillrace];
  const { endpoint, name, mqtt: mqttUrl } = options;
  if (endpoint !== undefined) {
    if (!URL.canParse(endpoint)) throw wrongUsage(`${endpoint} is no URL.`);
    const version = 'as running';
    const mqtt = mqttUrl === undefined ? {} : { mqttUrl };
    const subject = { name, version, endpoint: endpoint.replace(/\/+$/, ''), ...mqtt };
    return [...starts, async (referee) => createEndpointSubject({ ...subject, referee })];
  }
  for (const other of others) {
    if (options.without.includes(other.name)) continue;
    if (await other.isThere()) starts.push(other.start);
    else console.error(`${other.name} is not installed: scripts/install-tools.sh installs it.`);
  }
  return starts;
}

async function askOne(start: Start, rules: readonly Rule[], atOnce: number): Promise<Column> {
  const referee = await startReferee();
  const subject = await start(referee);
  let done = 0;
  try {
    return await ask(subject, rules, {
      referee,
      atOnce,
      onOutcome({ id }, outcome) {
        done += 1;
        const why = outcome.kind === 'holds' ? '' : ` (${withoutNames(outcome.reason)})`;
        console.error(
          `${subject.name} ${done}/${rules.length} ${id}: ${outcome.kind}${why.slice(0, 120)}`,
        );
      },
    });
  } finally {
    await subject.stop();
    await referee.close();
  }
}

async function writePage(columns: readonly Column[]): Promise<void> {
  const order = ['Millrace', ...others.map(({ name }) => name)];
  const all = merged(await readRecorded(), columns, new Set(allRules.map(({ id }) => id)));
  all.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  await writeRecorded(all);
  await writeFile(PAGE, renderPage(allRules, all));
}

function terminalTable(rules: readonly Rule[], columns: readonly Column[]): string {
  const width = Math.max(...rules.map(({ id }) => id.length));
  const row = (first: string, cells: readonly string[]) =>
    [first.padEnd(width), ...cells.map((cell) => cell.padEnd(14))].join('  ').trimEnd();
  return [
    row(
      'rule',
      columns.map(({ name }) => name),
    ),
    ...rules.map(({ id }) =>
      row(
        id,
        columns.map(({ cells }) => cells[id]?.kind ?? 'not asked'),
      ),
    ),
    '',
    ...columns.map((column) => `${column.name} ${column.version}: ${tally(column)}`),
  ].join('\n');
}
