import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngineCalls } from '../../src/resources/aws-json.ts';
import { isRecord } from '../../src/resources/intrinsics.ts';
import { type Stack, type StackOptions, startStack } from '../../src/stack/index.ts';

export const fixtureRoot = join(import.meta.dirname, '..', 'fixtures', 'stack');

export const anyPorts = { edge: 0, mqtt: 0, api: 0 };

export function temporaryState() {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-stack-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function startFixture(
  options: Partial<StackOptions> & { stateDir: string },
): Promise<Stack> {
  return startStack({ root: fixtureRoot, ports: anyPorts, ...options });
}

/** The item that the fixture's `record` function wrote for an event, as soon as it is there. */
export async function recorded(stack: Stack, id: string, patienceMs = 30_000): Promise<unknown> {
  const engines = createEngineCalls(stack.edgeUrl, 'us-east-1');
  for (const start = Date.now(); Date.now() - start < patienceMs; await sleep(100)) {
    const { Item } = await engines.call('DynamoDB_20120810.GetItem', {
      TableName: 'millrace-local-sampler-results',
      Key: { id: { S: id } },
      ConsistentRead: true,
    });
    if (isRecord(Item) && isRecord(Item.detail)) return JSON.parse(String(Item.detail.S));
  }
  throw new Error(`nothing was recorded for ${id} within ${patienceMs} ms`);
}

/** Resolves when `check` holds; rejects when it does not within the time. */
export async function eventually(check: () => boolean | Promise<boolean>, patienceMs = 10_000) {
  for (const start = Date.now(); Date.now() - start < patienceMs; await sleep(50)) {
    if (await check()) return;
  }
  throw new Error(`it did not come true within ${patienceMs} ms: ${check}`);
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
