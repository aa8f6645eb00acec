import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { portsToEnvironment } from '@millrace/local-cloud/addresses';
import { createApiClient, signIn } from '@millrace/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveStack, ROOT, startLiveStack } from './live-stack.ts';

const FLEET = ['--devices', '20', '--rate', '1', '--minutes', '0.2', '--tls', '4'];

interface Report {
  readonly wrong: number;
  readonly lines: readonly { readonly what: string; readonly right: boolean }[];
}

describe('a simulated fleet on a fresh stack', () => {
  let live: LiveStack;

  beforeAll(async () => {
    live = await startLiveStack();
  });
  afterAll(() => live[Symbol.asyncDispose]());

  /** @param meddle called once, with the run's id, when all devices are connected. */
  async function simulate(args: readonly string[], meddle?: (runId: string) => Promise<void>) {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'packages/operations/src/main.ts'), 'simulate', ...FLEET, '--json', ...args],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          ...portsToEnvironment(portsOf(live)),
          MILLRACE_STATE_DIR: live.stack.stateDir,
        },
      },
    );
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const meddling = untilConnected(child.stderr).then((runId) => meddle?.(runId));
    const told = text(child.stderr);
    const [stdout, code] = await Promise.all([text(child.stdout), ended, meddling]);
    if (stdout === '') throw new Error(`There is no report:\n${await told}`);
    return { report: JSON.parse(stdout) as Report, code };
  }

  it('is reported to the unit', async () => {
    const { report, code } = await simulate(['--seed', '7']);
    expect(report.lines.filter(({ right }) => !right)).toEqual([]);
    expect(report.lines.length).toBeGreaterThan(20);
    expect(code).toBe(0);
  });

  it('is found wrong where one reading more was counted than its devices sent', async () => {
    const { report, code } = await simulate(['--seed', '8', '--timeout', '10'], async (runId) => {
      const event = {
        ...{ specversion: '1.0', id: 'forged', source: 'somebody' },
        ...{ type: 'millrace.telemetry.v1', time: new Date().toISOString() },
        data: { deviceId: `${runId}-0`, metrics: { rpm: 0.000001 } },
      };
      const tenant = `${runId}-t0`;
      const token = await signIn(live.targets, tenant, `forger-${tenant}`);
      const answer = await createApiClient(live.targets.apiUrl, token).post('/events', [event]);
      expect(answer.status).toBe(202);
    });
    const wrong = report.lines.filter(({ right }) => !right).map(({ what }) => what);
    expect(wrong).toContain('metric telemetry');
    expect(wrong).toContain('metric telemetry.metric');
    expect(wrong.some((what) => what.startsWith('days of'))).toBe(true);
    expect(wrong).not.toContain('metric telemetry.usage');
    expect(code).toBe(1);
  });
});

function portsOf({ targets, stack }: LiveStack) {
  const port = (url: string) => Number(new URL(url).port);
  return {
    edge: port(targets.edgeUrl),
    mqtt: port(targets.mqttUrl),
    mqtts: port(stack.mqttsUrl),
    api: port(targets.apiUrl),
  };
}

function untilConnected(progress: NodeJS.ReadableStream): Promise<string> {
  let told = '';
  return new Promise((resolve, reject) => {
    progress.on('data', (chunk) => {
      told += chunk;
      const [, runId] = /Run (\S+),[\s\S]*devices are connected/.exec(told) ?? [];
      if (runId !== undefined) resolve(runId);
    });
    progress.on('end', () => reject(new Error(`The fleet did not connect:\n${told}`)));
  });
}
