import { searchEntries, searchIndex } from '@millrace/search-index';
import { comparableSequencer } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UploadedVersion } from '../../src/domain/object-change.ts';
import type { Wire } from '../model/memory-cloud.ts';
import { traffic } from '../model/traffic.ts';
import { memorySearchStore } from './memory-search-store.ts';

const FILE = { tenant: 'acme', fileId: 'f', name: 'n' };
const versionOf = (sequencer: string): UploadedVersion => ({
  ...{ bucket: 'uploads', key: 'k', eTag: 'e', size: 1, sequencer },
  order: comparableSequencer(sequencer),
  happenedAt: '2026-11-24T09:00:00.000Z',
});
const texts: readonly string[] = ['물레방아', 'a mill wheel', '', 'wheel 물', 'the same again'];
const findableOf = (content: number) => ({ name: 'n', text: texts[content] ?? '' });

type Memory = ReturnType<typeof memorySearchStore>;

/** Exactly what these contents give for this version, or nothing. */
function expectHeld(memory: Memory, expected?: { sequencer: string; content: number }) {
  const entries = expected && searchEntries(findableOf(expected.content));
  const prefix = `acme#f#${expected?.sequencer}#`;
  const keys = [...(entries?.postings.keys() ?? [])].map((token) => `${prefix}${token}`);
  expect([...memory.postings.keys()].sort()).toEqual(keys.sort());
  expect([...memory.passages.values()]).toEqual(entries?.passages ?? []);
  const manifests = [...memory.manifests.values()].filter(({ expires }) => !expires);
  expect(manifests).toHaveLength(expected ? 1 : 0);
  expect(manifests.every(({ isFinished }) => isFinished)).toBe(true);
}

describe('the search index', () => {
  it('holds what was put, and nothing of it after its removal', async () => {
    const memory = memorySearchStore();
    const index = searchIndex(memory.store);
    await index.put(FILE, versionOf('0A'), findableOf(0));
    await index.put(FILE, versionOf('0A'), findableOf(0));
    expectHeld(memory, { sequencer: '0A', content: 0 });
    await index.remove(FILE, (order) => order > versionOf('0A').order);
    expectHeld(memory, { sequencer: '0A', content: 0 });
    await index.remove(FILE, () => true);
    expectHeld(memory);
    expect(memory.manifests.size).toBe(0);
  });

  it('holds what a newer processor found in the same version, and nothing else', async () => {
    const memory = memorySearchStore();
    const index = searchIndex(memory.store);
    await index.put(FILE, versionOf('0A'), findableOf(1));
    await index.put(FILE, versionOf('0A'), findableOf(3));
    expectHeld(memory, { sequencer: '0A', content: 3 });
  });

  it('takes back what is put while its version is removed', async () => {
    let isRemoving = false;
    const memory: Memory = memorySearchStore(async (name, request) => {
      if (name === 'write' && !isRemoving) {
        isRemoving = true;
        await searchIndex(memory.store).remove(FILE, () => true);
      }
      return request();
    });
    await searchIndex(memory.store).put(FILE, versionOf('0A'), findableOf(1));
    expectHeld(memory);
  });

  it('knows what an attempt wrote that was overtaken and died', async () => {
    let writes = 0;
    const memory: Memory = memorySearchStore(async (name, request) => {
      if (name === 'write') writes += 1;
      if (name === 'write' && writes === 2)
        await searchIndex(memory.store).remove(FILE, () => true);
      if (name === 'write' && writes === 4) throw new Error('killed');
      return request();
    });
    const index = searchIndex(memory.store);
    await expect(index.put(FILE, versionOf('0A'), findableOf(1))).rejects.toThrow('killed');
    expect(memory.postings.size).toBeGreaterThan(0);
    await index.remove(FILE, () => true);
    expectHeld(memory);
  });

  it('holds exactly the newest version, whatever comes twice, late, together, or dies', async () => {
    const operation = fc.record({ content: fc.nat(4), isRemoval: fc.boolean() });
    const fault = fc.constantFrom('none', 'none', 'none', 'none', 'refused', 'answer lost');
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 1, maxLength: 4 }),
        fc.array(fault, { maxLength: 40 }),
        fc.infiniteStream(fc.nat()),
        async (operations, plannedFaults, chance) => {
          const { arrival, flowUntil } = traffic(() => chance.next().value);
          const faults = plannedFaults.values();
          const wire: Wire = async (_name, request) => {
            await arrival();
            const next = faults.next().value ?? 'none';
            if (next === 'refused') throw new Error('refused');
            const answer = await request();
            if (next === 'answer lost') throw new Error('answer lost');
            return answer;
          };
          const memory = memorySearchStore(wire);
          const index = searchIndex(memory.store);

          // As the workers do: the file's record says which version counts.
          let newest = '';
          const deliver = async (sequencer: string, { content, isRemoval }: typeof last) => {
            const version = versionOf(sequencer);
            const withdraw = () => index.remove(FILE, (order) => order === version.order);
            if (newest > version.order) return isRemoval ? undefined : withdraw();
            newest = version.order;
            if (!isRemoval) {
              await index.put(FILE, version, findableOf(content));
              if (newest !== version.order) return withdraw();
            }
            await index.remove(FILE, (order) => order < version.order);
          };
          const deliverUntilDone = async (...event: Parameters<typeof deliver>): Promise<void> => {
            try {
              await deliver(...event);
            } catch {
              await deliverUntilDone(...event);
            }
          };

          const sequencers = operations.map((_, at) => `0A${at}`);
          const last = operations.at(-1) ?? { content: 0, isRemoval: true };
          await flowUntil(
            Promise.all(
              operations.map((planned, at) => deliverUntilDone(sequencers[at] ?? '', planned)),
            ),
          );
          // Each event comes once more, as S3 and SQS may have it.
          await flowUntil(
            Promise.all(
              operations.map((planned, at) => deliverUntilDone(sequencers[at] ?? '', planned)),
            ),
          );
          const sequencer = sequencers.at(-1) ?? '';
          expectHeld(memory, last.isRemoval ? undefined : { sequencer, content: last.content });
        },
      ),
      { numRuns: 500 },
    );
  });
});
