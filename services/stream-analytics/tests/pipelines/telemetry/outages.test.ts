import { silentAfter } from '@millrace/types';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDynamoDb, type TestDynamoDb } from '../../support/dynamodb.ts';
import { reading } from './readings.ts';
import { openWatch } from './watching.ts';

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startTestDynamoDb();
});
afterAll(() => dynamoDb.close());

const START = Date.parse('2026-11-23T09:00:00Z');
const text = (minute: number) => new Date(START + minute * 60_000).toISOString();

/** What happens in a minute: a device is heard (perhaps twice), or the watch runs, perhaps into a fault. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ heard: fc.constantFrom('d1', 'd2') }) },
  {
    weight: 2,
    arbitrary: fc.record({ fault: fc.constantFrom('none', 'lost-answer', 'not-settled', 'twice') }),
  },
);
const steps = fc.array(fc.record({ wait: fc.integer({ min: 1, max: 9 }), step }), {
  minLength: 5,
  maxLength: 14,
  size: 'max',
});

type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** Which alerts there must be, told by one pass over the steps. */
function expectedAlerts(drawn: Steps): string[] {
  const devices = new Map<string, { arrivals: number[]; offline: boolean }>();
  const alerts: string[] = [];
  let minute = 0;
  for (const { wait, step } of [...drawn, { wait: 1_500, step: { fault: 'none' } }]) {
    minute += wait;
    if ('heard' in step) {
      const device = devices.get(step.heard) ?? { arrivals: [], offline: false };
      if (device.offline) alerts.push(`online ${step.heard} ${text(device.arrivals.at(-1) ?? 0)}`);
      devices.set(step.heard, { arrivals: [...device.arrivals, minute], offline: false });
      continue;
    }
    for (const [name, device] of devices) {
      const last = device.arrivals.at(-1) ?? 0;
      const minutes = device.arrivals.slice(-7);
      const silent = silentAfter({ seenAt: text(last), minutes });
      if (device.offline || silent > START + minute * 60_000) continue;
      device.offline = true;
      alerts.push(`offline ${name} ${text(last)}`);
    }
  }
  return alerts.sort();
}

test('each outage is told of under one id and each return under another, whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (drawn) => {
      const { hear, watchAt, watchStore, told, looks, device } = await openWatch(dynamoDb);
      const lost = async () => {
        throw new Error('lost');
      };
      let minute = 0;
      for (const [nth, { wait, step }] of drawn.entries()) {
        minute += wait;
        const now = text(minute);
        if ('heard' in step) {
          const one = reading(String(nth), { time: now, deviceId: step.heard });
          await hear(one, one);
          await hear(one);
        } else if (step.fault === 'lost-answer') {
          const goOffline: typeof watchStore.goOffline = async (...args) => {
            await watchStore.goOffline(...args);
            return await lost();
          };
          await watchAt(now, { goOffline }).catch(() => {});
          // Whom it did not reach is found by the next.
          await watchAt(now);
        } else if (step.fault === 'not-settled') {
          await watchAt(now, { settle: lost }).catch(() => {});
        } else if (step.fault === 'twice') {
          await Promise.all([watchAt(now), watchAt(now)]);
        } else {
          await watchAt(now);
        }
      }
      await expectOneLookEach(['d1', 'd2'], device, await looks());
      await watchAt(text(minute + 1_500));
      expect(await looks()).toEqual([]);
      const distinct = new Map(told.map((alert) => [alert.id, alert]));
      const names = [...distinct.values()].map(
        ({ type, deviceId, since }) => `${type.slice(7)} ${deviceId} ${since}`,
      );
      expect(names.sort()).toEqual(expectedAlerts(drawn));
      for (const alert of told) expect(distinct.get(alert.id)).toEqual(alert);
    }),
    { numRuns: 12 },
  );
});

async function expectOneLookEach(
  devices: readonly string[],
  stateOf: (deviceId: string) => Promise<{ watched: boolean } | undefined>,
  looks: readonly string[],
): Promise<void> {
  for (const deviceId of devices) {
    const waiting = looks.filter((look) => look.startsWith(`${deviceId} `)).length;
    expect(waiting).toBe((await stateOf(deviceId))?.watched ? 1 : 0);
  }
}
