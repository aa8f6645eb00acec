import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { Account } from './account.ts';
import { programEnvironment, ROOT, STAGE } from './environment.ts';

/** What `millrace doctor` says of stages in the account. */
export function wellBeing(account: () => Account): void {
  async function doctor(stage: string) {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'packages/operations/src/main.ts'), 'doctor', '--stage', stage, '--json'],
      { env: programEnvironment(account().endpoint), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'close');
    const [stdout, [code]] = await Promise.all([text(child.stdout), ended]);
    const findings = JSON.parse(stdout) as { level: string; code: string; what: string }[];
    return { code, findings };
  }

  describe('millrace doctor', () => {
    it('finds nothing wrong with what was just deployed', async () => {
      const { code, findings } = await doctor(STAGE);
      expect(findings.filter(({ level }) => level !== 'good')).toEqual([]);
      expect(findings.map((one) => one.code)).toEqual(['functions', 'mappings', 'failure_queues']);
      expect(code).toBe(0);
    });

    it('finds nothing at all in a stage that was not', async () => {
      const { findings } = await doctor('elsewhere');
      const codes = findings.map((one) => one.code);
      expect(codes).toEqual(Array(5).fill('service_not_deployed'));
    });
  });
}
