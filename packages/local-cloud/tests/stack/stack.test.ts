import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalCloudError } from '../../src/errors.ts';
import { probeCloud } from '../../src/plugin/cloud-client.ts';
import { createEngineCalls } from '../../src/resources/aws-json.ts';
import type { Stack } from '../../src/stack/index.ts';
import { lockState } from '../../src/state-lock.ts';
import { anyPorts, eventually, isRunning, startFixture, temporaryState } from './fixture-stack.ts';

let state: ReturnType<typeof temporaryState>;
let stack: Stack | undefined;

beforeEach(() => {
  state = temporaryState();
  stack = undefined;
});

afterEach(async () => {
  await stack?.stop();
  state.remove();
});

interface Status {
  readonly services: { readonly endpoint?: { readonly pid: number; readonly lambdaUrl: string } }[];
}

/** The processes of a running stack: the cloud and each service. */
async function processes(edgeUrl: string): Promise<{ cloud: number; services: number[] }> {
  const probe = await probeCloud(edgeUrl);
  if (probe.kind !== 'cloud') throw new Error(`no cloud at ${edgeUrl}`);
  const status = (await (await fetch(`${edgeUrl}/_millrace/status`)).json()) as Status;
  const services = status.services.flatMap(({ endpoint }) => (endpoint ? [endpoint.pid] : []));
  return { cloud: probe.health.pid, services };
}

async function goneEntirely(pids: { cloud: number; services: number[] }, edgeUrl: string) {
  await eventually(() => [pids.cloud, ...pids.services].every((pid) => !isRunning(pid)));
  await eventually(async () => (await probeCloud(edgeUrl)).kind === 'none');
  // The DynamoDB engine, a child of the cloud, holds its database file: a lock proves it gone.
  lockState(state.folder)();
}

describe('a stack', () => {
  it('keeps its data over a restart, with every service back in place', async () => {
    stack = await startFixture({ stateDir: state.folder });
    const first = createEngineCalls(stack.edgeUrl, 'us-east-1');
    await first.call('DynamoDB_20120810.PutItem', {
      TableName: 'millrace-local-sampler-results',
      Item: { id: { S: 'kept' }, detail: { S: '1' } },
    });
    const running = await processes(stack.edgeUrl);
    expect(running.services).toHaveLength(1);
    await stack.stop();
    await goneEntirely(running, stack.edgeUrl);

    stack = await startFixture({ stateDir: state.folder });
    const second = createEngineCalls(stack.edgeUrl, 'us-east-1');
    const { Item } = await second.call('DynamoDB_20120810.GetItem', {
      TableName: 'millrace-local-sampler-results',
      Key: { id: { S: 'kept' } },
    });
    expect(Item).toMatchObject({ id: { S: 'kept' } });
    expect((await fetch(`${stack.apiUrl}/hello`)).status).toBe(200);
    expect(readFileSync(join(state.folder, 'logs', 'sampler.log'), 'utf8')).toContain('ready');
  });

  it('stops everything and says which service ended when one is killed', async () => {
    stack = await startFixture({ stateDir: state.folder });
    const running = await processes(stack.edgeUrl);
    process.kill(running.services[0] ?? 0, 'SIGKILL');
    const error = await stack.failed;
    expect(error).toMatchObject({ code: 'SERVICE_ENDED' });
    expect(error.message).toMatch(
      /^The service sampler ended unexpectedly \(SIGKILL\): see .*log\.$/,
    );
    await goneEntirely(running, stack.edgeUrl);
  });

  it('stops everything when the cloud is killed', async () => {
    stack = await startFixture({ stateDir: state.folder });
    const running = await processes(stack.edgeUrl);
    process.kill(running.cloud, 'SIGKILL');
    expect(['CLOUD_ENDED', 'CLOUD_GONE']).toContain((await stack.failed).code);
    await goneEntirely(running, stack.edgeUrl);
  });

  it('leaves no process behind when it is killed with -9 itself', async () => {
    const holder = spawn(
      process.execPath,
      [join(import.meta.dirname, 'hold-stack.ts'), state.folder],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [line] = await new Promise<[string]>((resolve) =>
      createInterface({ input: holder.stdout }).once('line', (text) => resolve([text])),
    );
    const { edgeUrl } = JSON.parse(line) as { edgeUrl: string };
    const running = await processes(edgeUrl);
    holder.kill('SIGKILL');
    await goneEntirely(running, edgeUrl);
  });

  it('gives up while starting when it is told to, leaving nothing', async () => {
    const controller = new AbortController();
    const starting = startFixture({ stateDir: state.folder, signal: controller.signal });
    setTimeout(() => controller.abort(), 700);
    await expect(starting).rejects.toMatchObject({ code: 'START_STOPPED' });
    lockState(state.folder)();
  });
});

describe('before anything is started', () => {
  it('refuses a taken port, naming it and the way out', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    try {
      const starting = startFixture({ stateDir: state.folder, ports: { ...anyPorts, mqtt: port } });
      await expect(starting).rejects.toMatchObject({
        code: 'PORT_TAKEN',
        message: expect.stringMatching(new RegExp(`^Port ${port} .*MILLRACE_PORT_OFFSET`)),
      });
    } finally {
      server.close();
    }
  });

  it('refuses a state folder that cannot be made', async () => {
    const file = join(state.folder, 'a-file');
    writeFileSync(file, '');
    const starting = startFixture({ stateDir: join(file, 'state') });
    await expect(starting).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  });

  it('refuses a state folder that another cloud holds', async () => {
    const release = lockState(state.folder);
    try {
      const starting = startFixture({ stateDir: state.folder });
      await expect(starting).rejects.toMatchObject({ code: 'STATE_IN_USE' });
    } finally {
      release();
    }
  });

  it('refuses a service that does not exist, naming those that do', async () => {
    const starting = startFixture({ stateDir: state.folder, services: ['nowhere'] });
    await expect(starting).rejects.toThrow(
      new LocalCloudError('SERVICE_UNKNOWN', 'There is no service nowhere: choose from sampler.'),
    );
  });

  it('says why a service cannot start, in the words of the framework', async () => {
    const root = join(import.meta.dirname, '..', 'fixtures', 'broken');
    await expect(startFixture({ root, stateDir: state.folder })).rejects.toMatchObject({
      code: 'SERVICE_ENDED',
      message: expect.stringMatching(
        /^The service unbuildable ended .*Compilation failed for function alias absent.*log\.$/,
      ),
    });
  });

  it('stops with the reason of the cloud when its state is corrupt', async () => {
    mkdirSync(state.folder, { recursive: true });
    writeFileSync(join(state.folder, 'cloud.db'), 'this is no database'.repeat(1000));
    const starting = startFixture({ stateDir: state.folder });
    await expect(starting).rejects.toMatchObject({
      code: 'STATE_CORRUPT',
      message: expect.stringContaining('npm run reset'),
    });
  });
});
