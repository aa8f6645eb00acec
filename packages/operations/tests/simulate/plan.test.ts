import { isWithinHorizon, TelemetryMessage, validate } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import { type DevicePlan, FAULTS, type Message } from '../../src/simulate/plan/message.ts';
import { wireOf } from '../../src/simulate/plan/payload.ts';
import { planFleet } from '../../src/simulate/plan/plan-fleet.ts';

const SEEDS = [0, 7, 134_623, 190_056, 2 ** 40];
const fleetOf = (seed: number, more = {}) =>
  planFleet({ seed, devices: 40, rate: 2, minutes: 0.3, tls: 10, ...more });
const run = { runId: 'r', startedAt: Date.parse('2026-11-30T23:59:30Z') };
const messagesOf = ({ steps }: DevicePlan): Message[] =>
  steps.flatMap((step) => (step.kind === 'oversize' ? [] : [step.message]));

describe('the plan of a fleet', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(fleetOf(7)).toEqual(fleetOf(7));
    expect(fleetOf(7)).not.toEqual(fleetOf(8));
  });

  it('has a device do the same among many others as among few', () => {
    const isPlain = ({ role, steps }: DevicePlan) =>
      role === 'ordinary' &&
      steps.every((step) => step.kind !== 'oversize' && step.message.kind === 'reading');
    const large = fleetOf(7, { devices: 200 }).devices;
    const both = fleetOf(7).devices.filter(
      (device) => isPlain(device) && isPlain(large[device.index] as DevicePlan),
    );
    expect(both.length).toBeGreaterThan(10);
    for (const device of both) expect(large[device.index]).toEqual(device);
  });

  it.each(SEEDS)('holds each kind of misfortune (seed %i)', (seed) => {
    const { devices } = fleetOf(seed);
    const faults = new Set(
      devices.flatMap(messagesOf).flatMap((message) => ('fault' in message ? [message.fault] : [])),
    );
    expect([...faults].sort()).toEqual([...FAULTS].sort());
    expect(new Set(devices.map(({ role }) => role))).toEqual(
      new Set(['ordinary', 'babbling', 'astray', 'disabled', 'unknown']),
    );
    const steps = devices.flatMap((device) => device.steps);
    for (const kind of ['drop', 'oversize'])
      expect(
        steps.some((step) => step.kind === kind),
        kind,
      ).toBe(true);
    expect(steps.some((step) => step.kind === 'send' && step.copies > 0)).toBe(true);
    expect(steps.some((step) => step.kind === 'send' && step.again)).toBe(true);
  });

  it.each(SEEDS)('has each ordinary device measure rate × time readings (seed %i)', (seed) => {
    for (const device of fleetOf(seed).devices.filter(({ role }) => role === 'ordinary')) {
      const first = device.steps.filter(
        (step) => step.kind !== 'oversize' && step.message.kind === 'reading' && !('again' in step),
      );
      expect(first).toHaveLength(36);
    }
  });

  it.each(SEEDS)(
    'writes readings as the contract wants them, and nothing else so (seed %i)',
    (seed) => {
      const plan = fleetOf(seed);
      for (const device of plan.devices) {
        for (const message of messagesOf(device)) {
          const { payload, time, refusal } = wireOf(plan, device, message, run);
          const isReading = validate(TelemetryMessage, parse(payload)).ok;
          const isTimely = time !== undefined && isWithinHorizon(time, run.startedAt);
          const isFaulty = refusal === 'not_json' || refusal === 'reading_invalid';
          expect(isReading, `${refusal}: ${payload.slice(0, 200)}`).toBe(!isFaulty);
          if (!isFaulty)
            expect(isTimely, `${refusal} ${time}`).toBe(refusal !== 'time_out_of_range');
          expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(128 * 1024);
        }
      }
    },
  );

  it('leaves devices with a certificate on their own topic', () => {
    for (const seed of SEEDS) {
      const secured = fleetOf(seed).devices.filter(({ index }) => index < 10);
      const faults = secured.flatMap(messagesOf).filter((message) => 'fault' in message);
      expect(faults.some((message) => message.fault === 'other_device')).toBe(false);
    }
  });

  it('fits a single device, too', () => {
    const plan = planFleet({ seed: 1, devices: 1, rate: 1, minutes: 0.1, tls: 0 });
    expect(plan.devices.filter(({ role }) => role === 'ordinary')).toHaveLength(1);
  });

  it('asks for a quota where a device would come near to its own, and for a small one to exceed', () => {
    const { devices } = fleetOf(3, { rate: 10, minutes: 1 });
    for (const { role, quota, steps } of devices) {
      if (role === 'ordinary') expect(quota?.burst).toBeGreaterThan(steps.length);
      if (role === 'babbling') expect((quota?.burst ?? 0) * 3).toBeLessThan(steps.length);
    }
    expect(fleetOf(3).devices.find(({ role }) => role === 'ordinary')?.quota).toBeUndefined();
  });
});

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}
