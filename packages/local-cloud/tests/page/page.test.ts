import { createServer, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudStatus } from '../../src/page/status.ts';
import { createStatusStream } from '../../src/page/status-stream.ts';
import { type SampleService, startSampleService } from './sample-service.ts';

let service: SampleService;
const at = (path: string) => `${service.cloud.edgeUrl}${path}`;
const status = async () => (await fetch(at('/_millrace/status'))).json() as Promise<CloudStatus>;

beforeAll(async () => {
  service = await startSampleService();
  await service.register();
});
afterAll(() => service.stop());

describe('the page', () => {
  it('is found without the closing slash too', async () => {
    const answer = await fetch(at('/_millrace'));
    expect([answer.status, answer.url]).toEqual([200, at('/_millrace/')]);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  it('loads nothing from elsewhere and runs nothing inline', async () => {
    const answer = await fetch(at('/_millrace/'));
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const html = await answer.text();
    expect(html).not.toMatch(/https?:|<style|\son\w+=|\sstyle=/);
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
  });

  it('comes with modules that a browser can run: no types are left in them', async () => {
    const answer = await fetch(at('/_millrace/page/main.ts'));
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const code = await answer.text();
    expect(code).toContain("from './view.ts'");
    expect(code).not.toMatch(/import type|: CloudStatus/);
  });

  it.each([
    '/_millrace/page/../page.ts',
    '/_millrace/page/%2e%2e/page.ts',
    '/_millrace/page/no.ts',
  ])('gives no other file: %s', async (path) => {
    // `fetch` would tidy the path up first.
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      get({ port: service.cloud.ports.edge, host: '127.0.0.1', path }, resolve).on('error', reject),
    );
    answer.resume();
    expect(answer.statusCode).toBe(404);
  });
});

describe('the status', () => {
  it('tells of every trigger its service, and where its failures go', async () => {
    const { mappings } = await status();
    expect(mappings.map(({ kind, service: owner }) => `${owner} ${kind}`).sort()).toEqual([
      'millrace-sample kinesis',
      'millrace-sample s3',
      'millrace-sample schedule',
      'millrace-sample sqs',
    ]);
    const stream = mappings.find(({ kind }) => kind === 'kinesis');
    expect(stream?.onFailureArn).toBe('arn:aws:sqs:us-east-1:000000000000:failures');
  });

  it('tells how full the queues are that dead letters go to, once a batch is given up', async () => {
    await service.put('a', 'poison', 'b');
    await expect
      .poll(async () => (await status()).queues, { timeout: 30_000, interval: 200 })
      .toEqual([
        expect.objectContaining({
          name: 'failures',
          messages: 1,
          deadLettersOf: ['millrace-sample-local-countEvents'],
        }),
        expect.objectContaining({ name: 'jobs', messages: 0, deadLettersOf: [] }),
      ]);
    const [stream] = (await status()).mappings.filter(({ kind }) => kind === 'kinesis');
    expect(stream).toMatchObject({ delivered: 1, discarded: 2 });
  });

  it('comes again every second while somebody listens', async () => {
    const leave = new AbortController();
    const answer = await fetch(at('/_millrace/status/stream'), { signal: leave.signal });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const seen: number[] = [];
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        seen.push((JSON.parse(event.replace(/^data: /, '')) as CloudStatus).clock.now);
      }
      if (seen.length >= 3) break;
    }
    leave.abort();
    const [first = 0, , third = 0] = seen;
    expect(third - first).toBeGreaterThan(1_500);
  });
});

describe('the stream of statuses', () => {
  async function serveStream(status: () => unknown) {
    const stream = createStatusStream(status);
    const server = createServer((request, response) => stream.open(request, response));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as { port: number };
    return {
      url: `http://127.0.0.1:${port}`,
      close() {
        stream.close();
        server.close();
        server.closeAllConnections();
      },
    };
  }

  it('makes no status while nobody listens', async () => {
    let made = 0;
    const served = await serveStream(() => ({ made: ++made }));
    expect(made).toBe(0);
    const leave = new AbortController();
    await fetch(served.url, { signal: leave.signal });
    await expect.poll(() => made, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    leave.abort();
    await sleep(500);
    const whileListening = made;
    await sleep(1_500);
    expect(made).toBe(whileListening);
    served.close();
  });

  it('ends, and the process does not, when a status cannot be made', async () => {
    let made = 0;
    const served = await serveStream(() => {
      made += 1;
      if (made > 1) throw new Error('closed');
      return { made };
    });
    expect(await (await fetch(served.url)).text()).toBe('data: {"made":1}\n\n');
    served.close();
  });
});
