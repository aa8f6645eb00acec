import { Quantiles } from '@millrace/sketches';
import type { DeviceState, DeviceWindow, UsageMonth } from '@millrace/types';
import { describe, expect, test } from 'vitest';
import { telemetry } from '../../src/pipelines/telemetry/pipeline.ts';
import { settle } from '../model/settle.ts';
import { seeded } from './seeded.ts';
import { type Expected, events, expected } from './telemetry-data.ts';

describe.each([7, 20_261_124])('3,000 readings of seed %i', (seed) => {
  const given = events(seed, 3_000);
  const answers = expected(given);

  test.each([
    ['in the order of arrival', given],
    ['mixed', seeded(seed + 1).shuffled(given)],
  ])('%s give the totals that adding up the rows gives', (_, order) => {
    const told = readAnswers(settle(telemetry, order).states);
    expect(told.usage).toEqual(answers.usage);
    expect(told.latest).toEqual(answers.latest);
    expect([...told.windows.keys()].sort()).toEqual([...answers.windows.keys()].sort());
    for (const [key, { p95, ...exact }] of answers.windows) {
      const { p95: estimate = Number.NaN, ...window } = told.windows.get(key) ?? {};
      expect(window, key).toEqual(exact);
      expect(Math.abs(estimate - p95), key).toBeLessThanOrEqual(Math.abs(p95) * 0.01 + 1e-9);
    }
  });

  test('hold bills, adjustments and devices of every kind', () => {
    const keys = [...answers.usage.keys()];
    expect(keys.filter((key) => key.includes(' from ')).length).toBeGreaterThan(4);
    expect(keys.filter((key) => !key.includes(' from ')).length).toBeGreaterThan(9);
    expect(answers.latest.size).toBe(10);
  });
});

/** The answers as they stand in the states. */
function readAnswers(states: ReadonlyMap<string, unknown>): Expected {
  const told = { windows: new Map(), latest: new Map(), usage: new Map() };
  for (const [key, state] of states) {
    const [, kind, device = '', sk = ''] = /^acme#(\w+)#(\S+) (.*)$/.exec(key) ?? [];
    if (kind === 'readings') readWindow(device, sk, state as DeviceWindow, told.windows);
    if (kind === 'device') {
      for (const [metric, { value }] of Object.entries((state as DeviceState).latest))
        told.latest.set(`${device} ${metric}`, value);
    }
    if (kind === 'usage') {
      const [month, , origin] = sk.split('#');
      const name = `${device} ${month} kwh${origin ? ` from ${origin}` : ''}`;
      told.usage.set(name, (state as UsageMonth).meters.kwh?.quantity);
    }
  }
  return told;
}

function readWindow(
  device: string,
  sk: string,
  { metrics }: DeviceWindow,
  windows: Map<string, unknown>,
): void {
  const [window, start] = sk.split('#');
  for (const [metric, { quantiles = '', ...exact }] of Object.entries(metrics)) {
    const p95 = Quantiles.fromBytes(Buffer.from(quantiles, 'base64')).quantile(0.95);
    windows.set(`${device} ${window} ${start} ${metric}`, { ...exact, p95 });
  }
}
