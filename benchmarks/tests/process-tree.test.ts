import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { processFamily } from '../idle/process-tree.ts';

const children: { kill(): void }[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

// `/proc` is Linux's; elsewhere the measurement says that it cannot be made.
it.skipIf(!existsSync('/proc/self/stat'))(
  'counts a process, its children and theirs, with what each has used',
  async () => {
    const busy = "const end = Date.now() + 300; while (Date.now() < end); console.log('done');";
    const script = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`${busy} setTimeout(() => {}, 60000)`)}], { stdio: 'inherit' }).on('exit', () => process.exit());
      process.on('SIGTERM', () => process.exit());`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const family = processFamily(child.pid ?? 0);
    children.push(...family.map(({ pid }) => ({ kill: () => process.kill(pid) })).reverse());
    expect(family).toHaveLength(2);
    expect(family[0]?.pid).toBe(child.pid);
    expect(family[1]?.command).toContain('Date.now() + 300');
    // It was busy for 300 ms, though perhaps not alone on its core.
    expect(family[1]?.cpuMs).toBeGreaterThanOrEqual(50);
  },
);

it.skipIf(!existsSync('/proc/self/stat'))('knows no family of a process that is gone', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  expect(processFamily(child.pid ?? 0)).toEqual([]);
});
