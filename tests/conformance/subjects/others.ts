import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { programEnvironment, ROOT } from '../../rehearsal/environment.ts';
import { startMiniStack } from '../../rehearsal/mini-stack.ts';
import { killGroup, spawnGroup } from '../../rehearsal/process-group.ts';
import type { Referee } from '../referee.ts';
import { NotOffered } from '../rule.ts';
import { type Clients, region } from './clients.ts';
import { createEndpointSubject } from './endpoint.ts';
import type { Subject } from './subject.ts';

/** An implementation that `scripts/install-tools.sh` installs. */
export interface Installed {
  readonly name: string;
  isThere(): Promise<boolean>;
  start(referee: Referee): Promise<Subject>;
}

const tool = (path: string) => join(ROOT, '.tools', path);

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** The version of a Python package, as it is installed. */
async function versionOf(python: string, name: string): Promise<string> {
  return printed(python, `from importlib.metadata import version; print(version('${name}'))`);
}

async function printed(python: string, program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(tool(python), ['-c', program]);
  return stdout.trim();
}

const miniStack: Installed = {
  name: 'MiniStack',
  isThere: () => exists(tool('python/bin/ministack')),
  async start(referee) {
    const version = await versionOf('python/bin/python', 'ministack');
    const { url: endpoint, stop } = await startMiniStack();
    // It tells its MQTT apart by the host's name, which it gives as AWS's DescribeEndpoint does.
    const mqttUrl = `ws://data-ats.iot.${region}.localhost:${new URL(endpoint).port}/mqtt`;
    const subject = { name: 'MiniStack', version, endpoint, mqttUrl, referee, stop };
    return createEndpointSubject(subject);
  },
};

/** Of moto, its server: it has the APIs, and runs functions in Docker only, which is not needed here. */
const moto: Installed = {
  name: 'moto',
  isThere: () => exists(tool('moto/bin/moto_server')),
  async start(referee) {
    const version = await versionOf('moto/bin/python', 'moto');
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const args = ['-H', '127.0.0.1', '-p', String(port)];
    const child = spawnGroup(tool('moto/bin/moto_server'), args, ['pipe', 'pipe'], {
      env: programEnvironment(endpoint),
    });
    // Nobody reads what it prints of each request.
    for (const stream of [child.stdout, child.stderr]) stream?.resume();
    await answering(`${endpoint}/moto-api/data.json`);
    const subject = createEndpointSubject({
      ...{ name: 'moto', version, endpoint, referee, accountId: '123456789012' },
      stop: () => killGroup(child),
    });
    const program =
      'from moto.kinesis.responses import KinesisResponse as known; print(*dir(known))';
    const known = new Set((await printed('moto/bin/python', program)).split(' '));
    offerOnly(subject.clients.kinesis, (operation) => known.has(inSnakeCase(operation)));
    return {
      ...subject,
      deployFunction: () => Promise.reject(new NotOffered('functions run in Docker only')),
    };
  },
};

/**
 * moto answers a call that it does not have as it answers one that crashes, with a page of HTML and
 * status 500. So it is not asked for what it does not have.
 */
function offerOnly(client: Clients['kinesis'], isOffered: (operation: string) => boolean): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const operation = commandName.replace(/Command$/, '');
        if (!isOffered(operation)) throw new NotOffered(`it has no ${operation}`);
        return next(args);
      },
    { step: 'initialize', name: 'offerOnly' },
  );
}

/** As Python spells it: `SubscribeToShard` is `subscribe_to_shard`. */
function inSnakeCase(operation: string): string {
  return operation.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase();
}

export const others: readonly Installed[] = [miniStack, moto];

async function answering(url: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(200)) {
    if ((await fetch(url).catch(() => undefined))?.ok) return;
  }
  throw new Error(`${url} did not answer within a minute.`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
