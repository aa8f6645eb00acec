import { describe, expect, it } from 'vitest';
import {
  compareDeadLetters,
  compareRefusals,
} from '../../src/simulate/compare/compare-refusals.ts';
import {
  differenceOf,
  expectedUsage,
  reportedUsage,
} from '../../src/simulate/compare/device-sums.ts';
import { line, lineOfMany } from '../../src/simulate/compare/line.ts';
import { untilStill } from '../../src/simulate/compare/until-still.ts';
import { refusalKey } from '../../src/simulate/expected/expected.ts';
import { parseExact } from '../../src/simulate/platform/exact-json.ts';
import { readMetric } from '../../src/simulate/platform/read-metric.ts';
import { readSimulateArguments } from '../../src/simulate/simulate-arguments.ts';
import { visibleAfter } from '../../src/simulate/watch/latencies.ts';
import { createLiveLine } from '../../src/terminal/live-line.ts';

const DAY = 86_400_000;

describe('a comparison', () => {
  it('names the first devices that are wrong', () => {
    expect(lineOfMany('bills', 9, ['a', 'b', 'c', 'd', 'e'])).toEqual({
      ...{ what: 'bills', expected: '9 right', right: false },
      reported: '4 right (a; b; c; and 2 more)',
    });
  });

  it('tells a refusal too few and one too many', () => {
    const expected = new Map([
      [
        'not_json',
        new Set([refusalKey('a', 'not_json', undefined), refusalKey('b', 'not_json', undefined)]),
      ],
    ]);
    const told = new Set([
      refusalKey('a', 'not_json', undefined),
      refusalKey('c', 'device_disabled', 't'),
    ]);
    expect(compareRefusals(expected, told)).toMatchObject([
      { reported: '0 told, and 1 that should not be', right: false },
      { expected: '2 told', reported: '1 told', right: false },
    ]);
  });

  it('leaves it to the counts how many were over their quota', () => {
    expect(compareRefusals(new Map(), new Set([refusalKey('a', 'quota_exceeded', 't')]))).toEqual(
      [],
    );
  });

  it('takes a message that was kept twice for one', () => {
    const letter = { code: 'not_json', deviceId: 'a', payload: 'x' };
    const kept = new Map([['not_json', new Set(['a x'])]]);
    const isRight = (letters: (typeof letter)[]) =>
      compareDeadLetters(kept, letters).every(({ right }) => right);
    expect(isRight([letter, letter])).toBe(true);
    expect(isRight([letter, { ...letter, payload: 'y' }])).toBe(false);
    expect(isRight([])).toBe(false);
    expect(isRight([letter, { ...letter, code: 'device_unknown' }])).toBe(false);
  });

  it('adds what came too late to the month in which it was used', () => {
    const readings = [
      {
        time: '',
        instant: Date.parse('2026-03-02T00:00:00Z'),
        metrics: {},
        usage: { grain_kg: 1_500_000 },
      },
    ];
    const late = { meters: { grain_kg: { quantity: '1.5', readings: 1 } }, originMonth: '2026-03' };
    const bills = new Map([
      ['2026-03', { meters: {}, adjustments: [] }],
      ['2026-12', { meters: {}, adjustments: [late] }],
    ]);
    expect(differenceOf(expectedUsage(readings), reportedUsage(bills))).toBeUndefined();
    expect(differenceOf(expectedUsage(readings), new Map())).toBe(
      '2026-03 grain_kg 0 (0) instead of 1 (1.5)',
    );
  });
});

describe('waiting for totals', () => {
  it('looks once more when all is right: nothing may go past it', async () => {
    const seen = ['2', '3', '4', '4'];
    const lines = await untilStill(async () => [line('x', '3', seen.shift() ?? '4')], {
      timeoutMs: 10,
    });
    expect(lines).toEqual([line('x', '3', '4')]);
  });
});

describe('what the platform says', () => {
  it('keeps the digits that no double holds', () => {
    const { sum } = parseExact<{ sum: string }>('{"sum":12345678901234567890.123456}', 'sum');
    expect(sum).toBe('12345678901234567890.123456');
  });

  it('is asked for in parts where it is too much, and added up', async () => {
    const asked: number[] = [];
    const api = {
      async get(path: string) {
        const { searchParams } = new URL(path, 'http://api.example');
        const length =
          Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '');
        const series = [{ group: { meter: 'grain_kg' }, count: 1, sum: 0.1 }];
        const tooLarge = length > DAY;
        if (!tooLarge) asked.push(length);
        const body = tooLarge ? { code: 'metric_answer_too_large' } : { series };
        const headers = new Headers();
        return { status: tooLarge ? 422 : 200, headers, body, text: JSON.stringify(body) };
      },
      post: () => Promise.reject(new Error('nothing is to be changed')),
      patch: () => Promise.reject(new Error('nothing is to be changed')),
    };
    const span = { from: 0, to: 64 * DAY };
    const sums = await readMetric(api, 'telemetry.usage', 'meter', span);
    expect(asked.reduce((all, length) => all + length, 0)).toBe(64 * DAY);
    expect(sums.get('grain_kg')).toEqual({ count: 64, units: 64n * 10n ** 17n });
  });
});

describe('latencies', () => {
  it('reach from the nth acknowledgement to the first sight of n', () => {
    const acknowledged = Array.from({ length: 100 }, (_, nth) => nth * 10);
    const sightings = [
      { at: 500, count: 0 },
      { at: 1_000, count: 99 },
      { at: 9_000, count: 100 },
    ];
    expect(visibleAfter(acknowledged, sightings)).toEqual({ p50: 510, p99: 1_000 });
  });

  it('are unknown where nothing was seen', () => {
    expect(visibleAfter([1, 2], [{ at: 5, count: 0 }])).toBeUndefined();
  });
});

describe('the arguments of simulate', () => {
  it('are those of the issue', () => {
    const args = ['--devices', '1000', '--rate', '1', '--minutes', '2', '--seed', '7'];
    expect(readSimulateArguments(args)).toMatchObject({
      devices: 1000,
      rate: 1,
      minutes: 2,
      seed: 7,
    });
  });

  it.each([
    [['--devices', '0']],
    [['--devices', '1.5']],
    [['--seed', '-1']],
    [['--rate', 'fast']],
    [['--rate', '21']],
    [['--minutes', '61']],
    [['--rate', '0.01', '--minutes', '1']],
    [['--rate', '20', '--minutes', '5']],
    [['--devices', '10000', '--minutes', '4']],
    [['--timeout', '0']],
    [['--fast']],
  ])('are refused where there is no end to them: %j', (args) => {
    expect(() => readSimulateArguments(args)).toThrow();
  });
});

describe('the live line', () => {
  const written = (isTTY: boolean) => {
    let text = '';
    const live = createLiveLine({ isTTY, write: (more: string) => (text += more) });
    live.show('1 of 2');
    live.say('half');
    live.show('2 of 2');
    live.end();
    return text;
  };

  it('draws over itself on a terminal', () => {
    expect(written(true)).toBe(
      '\r\u001b[K1 of 2\r\u001b[K· half\n1 of 2\r\u001b[K2 of 2\r\u001b[K',
    );
  });

  it('says little in a log', () => {
    expect(written(false)).toBe('1 of 2\n· half\n');
  });
});
