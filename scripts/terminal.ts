import { styleText } from 'node:util';
import { LocalCloudError } from '@millrace/local-cloud/errors';
import { severityOf } from '@millrace/local-cloud/stack';

const colours = ['cyan', 'magenta', 'blue', 'green', 'yellow'] as const;

/** `name  text`, each service in its own colour where the terminal has colours. */
export function serviceLine(names: readonly string[], name: string, text: string): string {
  const width = Math.max(...names.map(({ length }) => length));
  const colour = colours[names.indexOf(name) % colours.length] ?? 'white';
  return `${styleText(colour, name.padEnd(width), { stream: process.stdout })}  ${text}`;
}

/** The line if a person should see it without asking, shortened; `undefined` if the log is enough. */
export function noteworthy(line: string): string | undefined {
  const severity = severityOf(line);
  if (severity === 'info') return undefined;
  const text = messageOf(line).slice(0, 300);
  return styleText(severity === 'error' ? 'red' : 'yellow', text, { stream: process.stdout });
}

/** A structured log line shortened to what it says; any other line as it is. */
function messageOf(line: string): string {
  const start = line.indexOf('{');
  if (start < 0) return line;
  try {
    const entry: Record<string, unknown> = JSON.parse(line.slice(start));
    const error = typeof entry.error === 'object' ? (entry.error as { message?: string }) : null;
    const parts = [entry.level, entry.message, entry.code, error?.message];
    return parts.filter((part) => typeof part === 'string').join(' · ') || line;
  } catch {
    return line;
  }
}

/** One line: what happened, what to do, the code. Never a stack trace. */
export function errorLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `millrace: ${message.replaceAll('\n', ' ')} [${codeOf(error)}]`;
}

function codeOf(error: unknown): string {
  if (error instanceof LocalCloudError) return error.code;
  return isWrongUsage(error) ? 'USAGE' : 'UNEXPECTED';
}

/** What a command refuses, and what `parseArgs` of node:util throws for what was not asked for. */
function isWrongUsage(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'USAGE' || (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS'));
}

/** For an error that ends a verb: its line, and after a wrong argument the first line of the help. */
export function printFailure(error: unknown, help: string): void {
  console.error(errorLine(error));
  if (codeOf(error) === 'USAGE')
    console.error(`Usage: ${help.split('\n', 1)[0]} (--help tells more)`);
}

/** Whether help is asked for; it is printed then, and nothing else is to be done. */
export function printHelp(args: readonly string[], help: string): boolean {
  const wanted = args.includes('--help') || args.includes('-h');
  if (wanted) console.log(help);
  return wanted;
}

export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`).join('\n');
}
