import { readdirSync, readFileSync } from 'node:fs';

/** One process of a family: what it is, and the processor time that it used since it began. */
export interface ProcessTime {
  readonly pid: number;
  readonly command: string;
  readonly cpuMs: number;
}

/** Linux counts processor time for programs in hundredths of a second (`USER_HZ`), on every machine. */
const TICK_MS = 10;

/** The process and all below it, children after parents. Needs `/proc`. */
export function processFamily(root: number): ProcessTime[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const children = Map.groupBy(all, ({ parent }) => parent);
  const family = all.filter(({ pid }) => pid === root);
  for (const { pid } of family) family.push(...(children.get(pid) ?? []));
  return family.map(({ pid, command, cpuMs }) => ({ pid, command, cpuMs }));
}

/** Fields of `/proc/<pid>/stat`: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function readProcess(pid: number): (ProcessTime & { readonly parent: number }) | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name, may hold anything, also spaces and brackets.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    const [userTicks = 0, systemTicks = 0] = fields.slice(11, 13);
    const cpuMs = (userTicks + systemTicks) * TICK_MS;
    return { pid, parent, cpuMs, command: commandLine(pid) };
  } catch {
    // It ended while we looked.
    return undefined;
  }
}

function commandLine(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
}
