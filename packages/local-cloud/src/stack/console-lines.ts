/** Which lines of a service's log deserve the console: what a person must see without asking. */

export type Severity = 'error' | 'warning' | 'info';

export function severityOf(line: string): Severity {
  const structured = /"level"\s*:\s*"(ERROR|CRITICAL|FATAL|WARN|WARNING)"/i.exec(line)?.[1];
  if (structured) return structured.toUpperCase().startsWith('WARN') ? 'warning' : 'error';
  if (/^\s*(✖|×|Error:|Uncaught|millrace: )/.test(line)) return 'error';
  if (/^\s*(⚠|Warning:)/.test(line)) return 'warning';
  return 'info';
}

/** Splits a stream of chunks into lines; the rest without a line end comes at `flush`. */
export function createLineSplitter(onLine: (line: string) => void) {
  let rest = '';
  return {
    push(chunk: string) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line.replace(/\r$/, ''));
    },
    flush() {
      if (rest) onLine(rest);
      rest = '';
    },
  };
}
