import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clockSkewMs } from '../../src/faults/clock-skew.ts';
import { parseFaultPlan } from '../../src/faults/parse-plan.ts';
import { asyncRetryDelaysMs } from '../../src/settings.ts';
import { startStack } from '../../src/stack/index.ts';
import { outcome, spawnCloudProcess, startCloudProcess } from '../edge/cloud-process.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-settings-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const planFile = (text: string) => {
  const file = join(dir, 'plan.yml');
  writeFileSync(file, text);
  return file;
};

describe('MILLRACE_ASYNC_RETRY_SECONDS', () => {
  const delays = (value?: string) => asyncRetryDelaysMs({ MILLRACE_ASYNC_RETRY_SECONDS: value });

  it('is a list of seconds', () => {
    expect([delays(), delays(''), delays('1,2'), delays('0.5')]).toEqual([
      undefined,
      undefined,
      [1_000, 2_000],
      [500],
    ]);
  });

  it.each(['a', '1,,2', '-1', '1;2', '99999', ','])('refuses %s', (value) => {
    expect(() => delays(value)).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
  });
});

describe('the cloud as a process', () => {
  it('injects the faults of MILLRACE_FAULTS and says so', async () => {
    const cloud = await startCloudProcess(join(dir, 'state'), {
      MILLRACE_FAULTS: planFile('seed: 42\ninvocations: [{throttle: 0.1}]'),
    });
    try {
      const answer = await fetch(`${cloud.edgeUrl}/_millrace/status`);
      expect(await answer.json()).toMatchObject({ faults: { seed: 42, injected: {} } });
    } finally {
      await cloud.end('SIGTERM');
    }
  });

  it.each([
    ['MILLRACE_FAULTS', '/nowhere/plan.yml', 'FAULTS_INVALID'],
    ['MILLRACE_ASYNC_RETRY_SECONDS', 'soon', 'SETTING_INVALID'],
  ])('does not start with a wrong %s', async (name, value, code) => {
    const { code: exit, output } = await outcome(spawnCloudProcess(dir, { [name]: value }));
    expect(exit).toBe(1);
    expect(output).toMatch(new RegExp(`^millrace: .*${value}.*\\[${code}\\]\\n$`));
  });

  it('does not go back in time when it was killed', async () => {
    const first = await startCloudProcess(dir);
    const body = JSON.stringify({ advanceMs: 86_400_000 });
    await fetch(`${first.edgeUrl}/_millrace/clock`, { method: 'POST', body });
    await first.end('SIGKILL');
    const second = await startCloudProcess(dir);
    const clock = await (await fetch(`${second.edgeUrl}/_millrace/clock`)).json();
    await second.end('SIGTERM');
    expect(clock).toMatchObject({ offsetMs: 86_400_000 });
  });
});

it('a stack with a wrong plan does not begin to start', async () => {
  const faults = planFile('seed: 1\ninvocations: [{function: x, kil: 1}]');
  mkdirSync(join(dir, 'services'));
  const state = join(dir, 'state');
  const started = startStack({ root: dir, faults, stateDir: state });
  await expect(started).rejects.toMatchObject({ code: 'FAULTS_INVALID' });
  expect(existsSync(state)).toBe(false);
});

describe('clock skew', () => {
  const plan = parseFaultPlan('{"seed": 9, "clock": {"skewMs": [-300000, 300000]}}');

  it('is one draw for each service, within the span', () => {
    const services = ['api', 'etl', 'file-processing', 'iot-ingest', 'stream-analytics'];
    const skews = services.map((service) => clockSkewMs(plan, service));
    expect(skews).toEqual(services.map((service) => clockSkewMs(plan, service)));
    expect(new Set(skews).size).toBe(5);
    for (const skew of skews) expect(Math.abs(skew)).toBeLessThanOrEqual(300_000);
    expect(clockSkewMs(parseFaultPlan('seed: 9'), 'api')).toBe(0);
  });

  it('is what a program and its worker threads see of the present, and of nothing else', () => {
    const preload = new URL('../../src/faults/skewed-clock.ts', import.meta.url).href;
    const script = join(dir, 'main.mjs');
    writeFileSync(join(dir, 'worker.mjs'), 'console.log(Date.now());');
    writeFileSync(
      script,
      `import { Worker } from 'node:worker_threads';
       console.log(Date.now(), new Date().getTime(), Date.parse(Date()));
       console.log(new Date(5).getTime(), Date.UTC(1970), new Date() instanceof Date);
       new Worker(new URL('./worker.mjs', import.meta.url), { env: {} });`,
    );
    const before = Date.now();
    const output = execFileSync(process.execPath, ['--import', `${preload}?ms=-3600000`, script]);
    const [present = '', instants, worker] = output.toString().split('\n');
    for (const shown of [...present.split(' '), worker]) {
      const behind = before - Number(shown);
      expect(behind).toBeGreaterThan(3_540_000);
      expect(behind).toBeLessThanOrEqual(3_601_000);
    }
    expect(instants).toBe('5 0 true');
  });
});
