import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type SampleService,
  startSampleService,
} from '../../local-cloud/tests/page/sample-service.ts';

const program = join(import.meta.dirname, '../src/main.ts');
const POLL = { timeout: 30_000, interval: 200 };

let service: SampleService;

beforeAll(async () => {
  service = await startSampleService();
  await service.register();
});
afterAll(() => service.stop());

interface Run {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Its exit code, once it has ended. */
  readonly code: Promise<number>;
}

function start(args: readonly string[], edgePort = service.cloud.ports.edge): Run {
  const env = { ...process.env, NO_COLOR: '1', MILLRACE_EDGE_PORT: String(edgePort) };
  const child = spawn(process.execPath, [program, 'mappings', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return {
    child,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    code: once(child, 'close').then(([code]) => code as number),
  };
}

async function run(args: readonly string[], edgePort?: number) {
  const started = start(args, edgePort);
  const code = await started.code;
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}

describe('millrace mappings', () => {
  it('prints a line per mapping, columns in line, and nothing that never happened', async () => {
    const { code, stdout } = await run([]);
    const [head = '', ...rows] = stdout.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(head).toMatch(/function +source +state +delivered +pending +in flight +oldest$/);
    expect(rows).toHaveLength(4);
    const column = head.indexOf('source');
    for (const row of rows) expect(row.slice(column - 1)).toMatch(/^ (kinesis|sqs|s3|schedule) /);
  });

  it('gives the same as JSON, of the functions that a pattern names', async () => {
    const { code, stdout } = await run(['--json', '--function', 'COUNT*']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        functionName: 'millrace-sample-local-countEvents',
        state: 'running',
        shards: [expect.objectContaining({ shardId: 'shardId-000000000000' })],
      }),
    ]);
  });

  it('tells of a pattern that names none, and does not let a check pass on it', async () => {
    const { code, stdout, stderr } = await run(['--function', 'nothing?', '--check']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe("millrace: no mapping's function is called nothing?.\n");
  });

  it.each([
    [['--unknown']],
    [['--watch', '--check']],
    [['--blocked-after', 'soon']],
    [['too', 'much']],
  ])('ends with 2 and says how it is used when it is called like this: %s', async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^millrace: .+ \[USAGE\]\nUsage: millrace mappings .+\n$/);
  });

  it('ends with 3 and one line when nothing answers, or something else does', async () => {
    const other = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const stranger = await run([], port);
    other.close();
    const nobody = await run([], port);
    for (const { code, stdout, stderr } of [stranger, nobody]) {
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(/^millrace: .+ \[CLOUD_UNREACHABLE\]\n$/);
    }
    expect(stranger.stderr).toContain('is no local cloud of Millrace');
    expect(nobody.stderr).toContain('npm start');
  });

  it('watches: a line per change where nobody looks at a terminal, until it is told to stop', async () => {
    const watching = start(['--watch', '--function', 'countEvents']);
    await expect.poll(watching.stdout, POLL).toContain('countEvents ← events: at rest');
    await service.put('a', 'poison', 'b');
    await expect.poll(watching.stdout, POLL).toContain('countEvents ← events: retrying');
    const check = await run(['--check', '--blocked-after', '0', '--function', 'countEvents']);
    expect(check.code).toBe(1);
    expect(check.stdout).toMatch(/✘ {2}countEvents .* blocked/);
    expect(check.stdout).toMatch(/shard 0: \d failed tr(y|ies), oldest record/);
    expect((await run(['--check', '--blocked-after', '600'])).code).toBe(0);
    await expect.poll(watching.stdout, POLL).toContain('given up 2');
    expect((await run(['--check'])).stdout).toContain('on failure → failures: 1 message there');
    const lines = watching.stdout().trimEnd().split('\n');
    expect(lines.length).toBeLessThan(30);
    for (const line of lines)
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z countEvents ← events/);
    watching.child.kill('SIGINT');
    expect(await watching.code).toBe(0);
  });

  it('goes on watching while the cloud is away', async () => {
    const watching = start(['--watch', '--json']);
    await expect.poll(watching.stdout, POLL).toContain('"kind":"kinesis"');
    await service.interrupt();
    await expect.poll(watching.stderr, POLL).toContain('No local cloud answers');
    await service.resume();
    // Its services are not back: that is what it tells next.
    await expect.poll(watching.stdout, POLL).toContain('"state":"waiting-for-function"');
    watching.child.kill('SIGTERM');
    expect(await watching.code).toBe(0);
    for (const line of watching.stdout().trimEnd().split('\n')) JSON.parse(line);
    const blocked = await run(['--check']);
    expect(blocked.code).toBe(1);
    expect(blocked.stdout).toContain('waits for its function');
  });
});
