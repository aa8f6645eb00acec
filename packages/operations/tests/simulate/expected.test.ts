import { describe, expect, it } from 'vitest';
import { expectedOf, refusalKey } from '../../src/simulate/expected/expected.ts';
import { formatUnits, parseUnits } from '../../src/simulate/expected/sum.ts';
import { overQuotaKey, totalsOf } from '../../src/simulate/expected/totals.ts';
import type { DevicePlan, FleetPlan, Reading, Step } from '../../src/simulate/plan/message.ts';
import { wireOf } from '../../src/simulate/plan/payload.ts';
import { planFleet } from '../../src/simulate/plan/plan-fleet.ts';

const run = { runId: 'r', startedAt: Date.parse('2026-11-30T23:59:30Z') };
const clock = { skewMs: 0, offsetMinutes: 0 };
const options = { seed: 1, devices: 1, rate: 1, minutes: 1, tls: 0 };
const reading = (at: number, rpm: number, usage: Reading['usage'] = {}): Reading => ({
  ...{ at, usage },
  metrics: { rpm },
});
const send = (one: Reading, more: Partial<Step> = {}): Step =>
  ({ kind: 'send', at: 0, message: { kind: 'reading', reading: one }, copies: 0, ...more }) as Step;
const planOf = (steps: readonly Step[], role: DevicePlan['role'] = 'ordinary'): FleetPlan => ({
  options,
  devices: [{ index: 0, role, clock, steps }],
});
const totals = (plan: FleetPlan, told = new Set<string>()) => totalsOf(expectedOf(plan, run), told);

describe('what is expected of a plan', () => {
  it('is added up by hand', () => {
    const plan = planOf([
      send(reading(0, 100_000, { grain_kg: 250_000 })),
      send(reading(1_000, 200_000, { grain_kg: 500_000 })),
      send(reading(2_000, -50_000)),
    ]);
    const { readings, metrics, usage, usageByMeter } = totals(plan);
    expect(readings.count).toBe(3);
    expect([metrics.count, formatUnits(metrics.units)]).toEqual([3, '0.25']);
    expect([usage.count, formatUnits(usage.units)]).toEqual([2, '0.75']);
    expect([...usageByMeter.keys()]).toEqual(['grain_kg']);
  });

  it('counts a reading once, however often and in whatever spelling it is sent', () => {
    const one = reading(0, 1, { grain_kg: 2 });
    const plan = planOf([
      send(one, { copies: 3 }),
      { kind: 'drop', at: 5, message: { kind: 'reading', reading: one }, backAt: 9 },
      send(one, { message: { kind: 'reading', reading: one, reordered: true }, again: true }),
    ]);
    expect(totals(plan).readings.count).toBe(1);
    expect(expectedOf(plan, run).sends).toMatchObject({
      messages: 6,
      copies: 3,
      again: 1,
      drops: 1,
    });
  });

  it('counts two readings of one time with other values as two', () => {
    expect(totals(planOf([send(reading(0, 1)), send(reading(0, 2))])).readings.count).toBe(2);
  });

  it('takes what a babbling device was told of from what it sent', () => {
    const plan = planOf([send(reading(0, 1)), send(reading(1_000, 2))], 'babbling');
    const told = new Set([overQuotaKey('r-0', '2026-11-30T23:59:31.000Z')]);
    expect(totals(plan, told).metrics).toEqual({ count: 1, units: parseUnits('0.000001') });
    expect(totals(plan).readings.count).toBe(2);
  });

  it.each(['astray', 'disabled', 'unknown'] as const)(
    'counts nothing of one that is %s',
    (role) => {
      const expected = expectedOf(planOf([send(reading(0, 1)), send(reading(0, 1))], role), run);
      expect(expected.devices.flatMap(({ readings }) => readings)).toEqual([]);
      const [keys] = [...expected.refusals.values()];
      expect(keys?.size).toBe(1);
    },
  );

  it('expects the one that is spoken for to be told of it', () => {
    const fault: Step = {
      ...{ kind: 'send', at: 0, copies: 0 },
      message: { kind: 'fault', fault: 'other_device', reading: reading(0, 1) },
    };
    const plan: FleetPlan = { ...planOf([fault]), options: { ...options, devices: 2 } };
    expect([...(expectedOf(plan, run).refusals.get('device_mismatch') ?? [])]).toEqual([
      refusalKey('r-1', 'device_mismatch', '2026-11-30T23:59:30.000Z'),
    ]);
  });

  /** Everything that was written on the wire, read again and added up in another way. */
  it.each([1, 2, 3, 5, 8, 13, 21])('agrees with what is on the wire (seed %i)', (seed) => {
    const plan = planFleet({ seed, devices: 30, rate: 1, minutes: 0.5, tls: 5 });
    const taken = new Map<string, { metrics: object; usage?: object }>();
    for (const device of plan.devices) {
      for (const step of device.steps) {
        if (step.kind === 'oversize') continue;
        const { payload, told, refusal } = wireOf(plan, device, step.message, run);
        if (refusal !== undefined) continue;
        const message = JSON.parse(payload, sorted);
        taken.set(`${told} ${JSON.stringify(message)}`, message);
      }
    }
    const { readings, metrics, usage } = totals(plan);
    const all = [...taken.values()];
    expect(readings.count).toBe(all.length);
    expect(formatUnits(metrics.units)).toBe(sumOf(all.map((one) => one.metrics)));
    expect(formatUnits(usage.units)).toBe(sumOf(all.map((one) => one.usage ?? {})));
  });
});

describe('exact sums', () => {
  it.each(['0', '0.1', '-0.25', '12345678901234567890.000000000000000001', '7'])(
    'are read and written alike: %s',
    (text) => expect(formatUnits(parseUnits(text))).toBe(text),
  );

  it.each(['', '1e3', '1.2.3', '0.0000000000000000001', 'NaN'])(
    'are nothing else: "%s"',
    (text) => {
      expect(() => parseUnits(text)).toThrow(SyntaxError);
    },
  );
});

/** Members by their names, so that the same reading is the same text. */
function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function sumOf(records: readonly object[]): string {
  const values = records.flatMap((record) => Object.values(record) as number[]);
  return formatUnits(values.reduce((sum, value) => sum + parseUnits(value.toFixed(6)), 0n));
}
