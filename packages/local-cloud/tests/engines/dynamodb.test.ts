import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startDynamoDb } from '../../src/engines/dynamodb.ts';
import { temporaryState } from './engine-fixture.ts';

let folder: ReturnType<typeof temporaryState>;
beforeEach(() => {
  folder = temporaryState();
});
afterEach(() => folder.remove());

const options = () => ({ state: folder.state, log: () => {} });

it('starts, answers, and is gone when it is closed', async () => {
  const engine = await startDynamoDb(options());
  expect((await fetch(engine.url)).status).toBe(200);
  await engine.close();
  await expect(fetch(engine.url)).rejects.toThrow();
});

it('does not open a database that an engine without a cloud still holds', async () => {
  const database = join(folder.state.dir, 'dynamodb.db');
  // Stands for an engine whose guard was killed: a group of its own that names the database.
  const orphan = spawn('sh', ['-c', 'sleep 30; true', 'orphan', database], { detached: true });
  writeFileSync(join(folder.state.dir, 'dynamodb.pid'), String(orphan.pid));
  try {
    await expect(startDynamoDb(options())).rejects.toMatchObject({
      code: 'DYNAMODB_HELD',
      message: expect.stringContaining(`kill -9 -${orphan.pid}`),
    });
  } finally {
    process.kill(-Number(orphan.pid), 'SIGKILL');
  }
});

it('is not misled by a process that has taken over the old number', async () => {
  const stranger = spawn('sleep', ['30'], { detached: true });
  writeFileSync(join(folder.state.dir, 'dynamodb.pid'), String(stranger.pid));
  try {
    await (await startDynamoDb(options())).close();
  } finally {
    process.kill(-Number(stranger.pid), 'SIGKILL');
  }
});
