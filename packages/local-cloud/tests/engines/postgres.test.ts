import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { postgresUrl } from '../../src/addresses.ts';
import { createPostgres, type PostgresEngine } from '../../src/engines/postgres/postgres.ts';
import { temporaryState } from './engine-fixture.ts';

const clients: Client[] = [];
const lines: string[] = [];
let folder: ReturnType<typeof temporaryState>;
let engine: PostgresEngine;
let port = 0;

async function start(): Promise<void> {
  engine = createPostgres({ stateDir: folder.state.dir, log: (line) => lines.push(line) });
  port = await engine.listen(port);
}

async function client(): Promise<Client> {
  const one = new Client({ connectionString: postgresUrl(port) });
  // Cut by the engine's end, in the test that ends it.
  one.on('error', () => {});
  clients.push(one);
  await one.connect();
  return one;
}

beforeAll(async () => {
  folder = temporaryState();
  await start();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((one) => one.end().catch(() => {})));
});
afterAll(async () => {
  await engine.close();
  folder.remove();
});

describe('PostgreSQL of the local cloud', () => {
  it('starts at the first connection', async () => {
    expect(lines).toEqual([]);
    const one = await client();
    const { rows } = await one.query('SELECT $1::numeric AS n', ['12345678901234567890.123456789']);
    expect(rows).toEqual([{ n: '12345678901234567890.123456789' }]);
    expect(lines).toEqual(['postgres: starting', 'postgres: ready']);
    // The first start makes the database: seconds on a machine at rest.
  }, 180_000);

  it('serves many at once, none of whom sees what another has not committed', async () => {
    const setUp = await client();
    await setUp.query(
      'CREATE TABLE counted (id int PRIMARY KEY, n int); INSERT INTO counted VALUES (1, 0)',
    );
    const all = await Promise.all(Array.from({ length: 8 }, client));
    const add = async (one: Client, times: number) => {
      for (let n = 0; n < times; n += 1) {
        await one.query('BEGIN');
        const { rows } = await one.query('SELECT n FROM counted WHERE id = $1', [1]);
        // A step of the event loop in the middle, in which the others send theirs.
        await new Promise((resolve) => setImmediate(resolve));
        await one.query('UPDATE counted SET n = $1 WHERE id = 1', [rows[0].n + 1]);
        await one.query(n % 3 === 2 ? 'ROLLBACK' : 'COMMIT');
      }
    };
    await Promise.all(all.map((one) => add(one, 9)));
    const { rows } = await setUp.query('SELECT n FROM counted');
    expect(rows).toEqual([{ n: 8 * 6 }]);
  });

  it('keeps what is prepared under one name apart', async () => {
    const [one, other] = [await client(), await client()];
    const prepared = (text: string) => ({ name: 'same', text });
    for (let n = 0; n < 3; n += 1) {
      expect((await one.query(prepared("SELECT 'one' AS x"))).rows).toEqual([{ x: 'one' }]);
      expect((await other.query(prepared("SELECT 'other' AS x"))).rows).toEqual([{ x: 'other' }]);
    }
  });

  it('rolls back what a client leaves open, and goes on with the next', async () => {
    const [gone, next] = [await client(), await client()];
    await next.query('CREATE TABLE left_open (id int)');
    await gone.query('BEGIN');
    await gone.query('INSERT INTO left_open VALUES (1)');
    const waiting = next.query('SELECT * FROM left_open');
    gone.connection.stream.destroy();
    expect((await waiting).rows).toEqual([]);
  });

  it('goes on after an error in a transaction', async () => {
    const one = await client();
    await one.query('BEGIN');
    await expect(one.query('SELEC')).rejects.toMatchObject({ code: '42601' });
    await expect(one.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    await one.query('ROLLBACK');
    expect((await one.query('SELECT 1 AS x')).rows).toEqual([{ x: 1 }]);
  });

  it('takes statements of megabytes and gives as much back', async () => {
    const one = await client();
    const text = '사진'.repeat(2_000_000);
    const { rows } = await one.query('SELECT $1::text AS text', [text]);
    expect(rows[0].text === text).toBe(true);
  });

  it('refuses what would end it, and what is no PostgreSQL', async () => {
    const one = await client();
    await expect(one.query('COPY counted FROM STDIN')).rejects.toMatchObject({ code: '0A000' });
    const socket = connect(port, '127.0.0.1').end('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('08P01');
    expect((await (await client()).query('SELECT 1 AS x')).rows).toEqual([{ x: 1 }]);
  });

  it('keeps what was committed when it is stopped and started, with clients of before told', async () => {
    const one = await client();
    await one.query('CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)');
    const told = new Promise<void>((resolve) => one.once('end', () => resolve()));
    await engine.close();
    await told;
    await start();
    expect((await (await client()).query('SELECT * FROM kept')).rows).toEqual([{ id: 7 }]);
  });

  it('says why it cannot start, and is there again when that is mended', async () => {
    await engine.close();
    const version = join(folder.state.dir, 'postgres', 'PG_VERSION');
    writeFileSync(version, '9\n');
    await start();
    await expect(client()).rejects.toMatchObject({ code: '57P03' });
    writeFileSync(version, '18\n');
    expect((await (await client()).query('SELECT * FROM kept')).rows).toEqual([{ id: 7 }]);
  });
});
