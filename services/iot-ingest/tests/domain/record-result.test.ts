import { describe, expect, test } from 'vitest';
import { type ResultMessage, recordResult } from '../../src/domain/commands/record-result.ts';
import { leasedQuotas } from '../../src/domain/quota/device-quotas.ts';
import { memoryCommandResults } from '../model/memory-command-results.ts';
import { memoryQuotaCounter } from '../model/memory-quota-counter.ts';

const NOON = Date.parse('2026-11-24T12:00:00Z');

function scenario() {
  const commands = memoryCommandResults([
    { deviceId: 'wheel-1', commandId: 'c1', timeoutAt: NOON + 60_000 },
  ]);
  const kept: { code: string; message: string }[] = [];
  const ports = {
    commands,
    quotas: leasedQuotas(memoryQuotaCounter()),
    refused: {
      async keepOnce(_message: ResultMessage, refusal: { code: string; message: string }) {
        kept.push(refusal);
      },
    },
  };
  const tell = (changes: Partial<ResultMessage> & { json?: unknown } = {}) =>
    recordResult(
      {
        deviceId: 'wheel-1',
        clientId: 'wheel-1',
        commandId: 'c1',
        traceId: 't',
        receivedAt: NOON,
        payload: Buffer.from(JSON.stringify(changes.json ?? { outcome: 'succeeded' })),
        ...changes,
      },
      ports,
    );
  return { tell, kept, find: () => commands.find('wheel-1', 'c1') };
}

describe('the result of a command', () => {
  test('ends it once, whatever comes after', async () => {
    const { tell, find } = scenario();
    const json = { outcome: 'succeeded', payload: { turned: 3.5 } };
    expect(await tell({ json })).toBe('recorded');
    expect(await tell({ json })).toBe('repeated');
    expect(await tell({ json: { outcome: 'failed' } })).toBe('repeated');
    expect(await find()).toEqual({
      state: 'succeeded',
      result: { outcome: 'succeeded', payload: '{"turned":3.5}', at: NOON },
    });
  });

  test('that comes to the broker after the time is recorded as late', async () => {
    const { tell, find } = scenario();
    expect(await tell({ receivedAt: NOON + 60_001 })).toBe('late');
    expect(await tell({ receivedAt: NOON + 60_001 })).toBe('repeated');
    // One that came in time but was handled later changes nothing that has ended.
    expect(await tell({ receivedAt: NOON })).toBe('repeated');
    expect(await find()).toMatchObject({ state: 'timed_out', lateResult: { at: NOON + 60_001 } });
  });

  test('counts by when it came, not by when it was handled', async () => {
    const { tell } = scenario();
    expect(await tell({ receivedAt: NOON + 60_000 })).toBe('recorded');
  });
});

test.each<[string, Partial<ResultMessage> & { json?: unknown }, string]>([
  ['of another device', { clientId: 'wheel-9' }, 'device_mismatch'],
  ['of no command', { commandId: 'c9' }, 'command_unknown'],
  ['of an odd id', { commandId: 'a b' }, 'command_unknown'],
  ['that is no JSON', { payload: Buffer.from('done') }, 'result_not_json'],
  ['that says neither', { json: { outcome: 'maybe' } }, 'result_invalid'],
])('a result %s is kept with the reason and ends nothing', async (_case, changes, code) => {
  const { tell, kept, find } = scenario();
  expect(await tell(changes)).toBe('refused');
  expect(kept).toMatchObject([{ code }]);
  expect(await find()).toEqual({ state: 'sent' });
});

test('a flood of refused results is kept up to the quota of its sender', async () => {
  const { tell, kept } = scenario();
  for (let n = 0; n < 300; n += 1) await tell({ commandId: 'c9' });
  expect(kept.length).toBeLessThanOrEqual(240);
  expect(await tell()).toBe('recorded');
});
