import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudFixture, startCloudFixture } from './cloud-fixture.ts';

describe('the internal API answers this machine only', () => {
  let fixture: CloudFixture;
  beforeAll(async () => {
    fixture = await startCloudFixture();
  });
  afterAll(() => fixture.stop());

  /** fetch would not send a foreign Host. */
  function advance(headers: Record<string, string>): Promise<number> {
    const { port } = new URL(fixture.cloud.edgeUrl);
    const path = '/_millrace/clock';
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { port, host: '127.0.0.1', path, method: 'POST', headers },
        (got) => {
          got.resume();
          resolve(got.statusCode ?? 0);
        },
      );
      outgoing.on('error', reject);
      outgoing.end('{"advanceMs": 1}');
    });
  }

  it.each([
    ['localhost:4566', undefined],
    ['127.0.0.1:4566', undefined],
    ['[::1]:4566', undefined],
    ['localhost:4566', 'http://localhost:5173'],
  ])('as %s, from %s', async (host, origin) => {
    expect(await advance({ host, ...(origin && { origin }) })).toBe(200);
  });

  it.each([
    ['a name that was made to resolve here', 'evil.example:4566', undefined],
    ['a name that only begins so', 'localhost.evil.example', undefined],
    ['a page of another site', 'localhost:4566', 'https://evil.example'],
    ['a page without an origin', 'localhost:4566', 'null'],
  ])('and not %s', async (_case, host, origin) => {
    const before = (await (await fetch(`${fixture.cloud.edgeUrl}/_millrace/clock`)).json()) as {
      offsetMs: number;
    };
    expect(await advance({ host, ...(origin && { origin }) })).toBe(403);
    const after = await (await fetch(`${fixture.cloud.edgeUrl}/_millrace/clock`)).json();
    expect(after).toMatchObject({ offsetMs: before.offsetMs });
  });
});
