import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { portsToEnvironment } from '@millrace/local-cloud/addresses';
import type { CloudStatus } from '@millrace/local-cloud/status';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type SampleService,
  startSampleService,
} from '../../local-cloud/tests/page/sample-service.ts';
import type { Finding } from '../src/doctor/finding.ts';
import { lookAtMachine, type Machine } from '../src/doctor/look-at-machine.ts';
import { lookAtStack } from '../src/doctor/look-at-stack.ts';
import { readStatus } from '../src/mappings/read-status.ts';

const program = join(import.meta.dirname, '../src/main.ts');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-doctor-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function doctor(env: NodeJS.ProcessEnv, args: readonly string[] = ['--json']) {
  const child = spawn(process.execPath, [program, 'doctor', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  return { stdout, stderr, code };
}

const codesOf = (findings: readonly Finding[], level?: Finding['level']) =>
  findings.filter((one) => level === undefined || one.level === level).map(({ code }) => code);

describe('before anything runs', () => {
  const ports = { edge: 0, mqtt: 0, mqtts: 0, postgres: 0, api: 0 };

  it('finds every taken port and the folder that cannot be written, each with what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    const too = createServer().listen(0, '127.0.0.1');
    await Promise.all([once(taken, 'listening'), once(too, 'listening')]);
    const portOf = (server: typeof taken) => (server.address() as { port: number }).port;
    const file = join(folder, 'a file');
    await writeFile(file, '');
    const { stdout, code } = await doctor({
      ...portsToEnvironment({ ...ports, mqtt: portOf(taken), api: portOf(too) }),
      MILLRACE_EDGE_PORT: String(await freePort()),
      MILLRACE_STATE_DIR: join(file, 'state'),
    });
    taken.close();
    too.close();
    const wrong = (JSON.parse(stdout) as Finding[]).filter(({ level }) => level === 'wrong');
    expect(codesOf(wrong).sort()).toEqual(['PORT_TAKEN', 'PORT_TAKEN', 'STATE_UNWRITABLE']);
    for (const { what, remedy } of wrong) expect([what, remedy]).not.toContain('');
    expect(code).toBe(1);
  });

  it('says that all can start', async () => {
    await mkdir(join(folder, 'state'));
    const { stdout, code } = await doctor(
      {
        ...portsToEnvironment(ports),
        MILLRACE_EDGE_PORT: String(await freePort()),
        MILLRACE_STATE_DIR: join(folder, 'state'),
      },
      [],
    );
    expect(stdout).toContain('✔  No local cloud runs, and npm start finds its folder');
    expect(stdout).toMatch(/Nothing is wrong(, \d to know of)?\.\n$/);
    expect(code).toBe(0);
  });
});

describe('the machine', () => {
  const machine: Machine = {
    ...{ root: '/nowhere', env: { PATH: '' }, node: '24.0.0', processors: 2 },
    availableMemory: 8 * 1024 ** 3,
  };

  it('does without programs that are not there, and says what for and how to get them', () => {
    const findings = lookAtMachine(machine);
    const missing = ['ffmpeg_missing', 'chromium_missing', 'ministack_missing', 'cfn-lint_missing'];
    expect(codesOf(findings, 'attention')).toEqual(missing);
    expect(findings.find(({ code }) => code === 'ffmpeg_missing')).toMatchObject({
      what: 'ffmpeg is not there: videos and sounds will do without',
      remedy: 'bash scripts/install-tools.sh, or name yours with FFMPEG_PATH',
    });
  });

  it('finds programs on the path, or where a variable says', () => {
    const env = { PATH: join(process.execPath, '..'), CHROMIUM_PATH: process.execPath };
    expect(codesOf(lookAtMachine({ ...machine, env }), 'good')).toContain('chromium');
    const wrongly = { PATH: '', CHROMIUM_PATH: join(folder, 'nothing') };
    expect(codesOf(lookAtMachine({ ...machine, env: wrongly }))).toContain('chromium_missing');
  });

  it('warns where memory is short', () => {
    expect(codesOf(lookAtMachine({ ...machine, availableMemory: 3e9 }))).toContain('memory_low');
  });
});

describe('a local cloud that runs', () => {
  let service: SampleService;
  let status: CloudStatus;

  beforeAll(async () => {
    service = await startSampleService();
    await service.register();
    const env = { MILLRACE_EDGE_PORT: String(service.cloud.ports.edge) };
    const well = await doctor(env);
    expect(JSON.parse(well.stdout)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'services', level: 'good' }),
        expect.objectContaining({ code: 'mappings', what: '4 triggers, none blocked' }),
        expect.objectContaining({ code: 'failure_queues', level: 'good' }),
      ]),
    );
    expect(well.code).toBe(0);
    status = await readStatus(service.cloud.edgeUrl);
  });
  afterAll(() => service.stop());

  it('is told what waits among the failures, and the command that shows it', async () => {
    await service.put('poison');
    const look = async () => lookAtStack(await readStatus(service.cloud.edgeUrl));
    await expect.poll(look, { timeout: 30_000, interval: 500 }).toContainEqual({
      ...{ level: 'attention', code: 'failures_waiting', what: 'failures holds one failure' },
      remedy: 'npx millrace dead-letters list',
    });
  });

  it('is wrong where a service is down, or a record holds its shard up', () => {
    const down = status.services.map((one) => ({ ...one, running: false }));
    expect(codesOf(lookAtStack({ ...status, services: down }), 'wrong')).toEqual(['service_down']);
    const blocked = status.mappings.map((mapping) => ({
      ...mapping,
      shards: mapping.shards.map((shard) => ({ ...shard, attempts: 9, iteratorAgeMs: 3_600_000 })),
    }));
    const findings = lookAtStack({ ...status, mappings: blocked });
    expect(codesOf(findings, 'wrong')).toContain('mapping_blocked');
    expect(codesOf(findings)).not.toContain('mappings');
  });

  it('is told of a moved clock, injected faults, failed rules and what was given up', () => {
    const findings = lookAtStack({
      ...status,
      clock: { now: 0, offsetMs: 3_600_000 },
      faults: { seed: 7, injected: {} },
      topicRules: [
        { service: 's', ruleName: 'r', sql: '', matched: 3, failed: 2, lastError: 'no stream' },
      ],
      asynchronousInvocations: {
        ...{ queued: 0, inFlight: 0, destinations: 0 },
        ...{ discarded: 1, undelivered: 1 },
      },
    });
    expect(codesOf(findings, 'wrong')).toEqual(['failure_lost']);
    expect(codesOf(findings, 'attention')).toEqual(
      expect.arrayContaining([
        ...['topic_rule_failed', 'event_given_up', 'clock_moved', 'faults_injected'],
      ]),
    );
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
