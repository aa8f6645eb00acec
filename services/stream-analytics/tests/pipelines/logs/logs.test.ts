import { LOG_LEVELS, type MillraceEvent } from '@millrace/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type LogEvent } from '../../../src/pipelines/logs/decide.ts';
import { pattern } from '../../../src/pipelines/logs/pattern.ts';
import { logs } from '../../../src/pipelines/logs/pipeline.ts';
import { LOG_RULES, type LogRule } from '../../../src/pipelines/logs/rules.ts';
import { settle } from '../../model/settle.ts';

function line(id: string, level: string, message = 'm', service = 'shop'): LogEvent {
  return {
    ...{ specversion: '1.0', id, source: '/app', type: 'millrace.log.v1' },
    ...{ time: '2026-11-23T09:41:07.000Z', data: { service, level, message } },
  } as LogEvent;
}

describe('a pattern', () => {
  it.each([
    ['GET /health*', 'GET /healthz 200', true],
    ['GET /health*', 'a GET /healthz', false],
    ['*timed out*', 'query timed out after 3 s', true],
    ['*timed*out*', 'out timed', false],
    ['a*b*c', 'a\nb\nc', true],
    ['ab*ba', 'aba', false],
    ['exact', 'exact', true],
    ['exact', 'exactly', false],
    ['a.c', 'abc', false],
    ['*', '', true],
    ['', '', true],
  ])('%s fits %j: %s', (source, text, fits) => expect(pattern(source)(text)).toBe(fits));

  it('means what the regular expression with .* for * means', () => {
    const text = (letters: string) =>
      fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 });
    fc.assert(
      fc.property(text('ab*'), text('ab'), (source, one) => {
        const same = new RegExp(`^${source.replaceAll('*', '[^]*')}$`);
        expect(pattern(source)(one)).toBe(same.test(one));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is matched in a pass for each piece, where backtracking would not end', () => {
    expect(pattern(`${'*a'.repeat(50)}*b`)('a'.repeat(65_536))).toBe(false);
  });
});

describe('which lines are kept', () => {
  const none: LogRule[] = [{ name: 'nothing', keptPerThousand: 0 }];

  it.each(['error', 'fatal'])('all of level %s, whatever the rules say', (level) => {
    expect(decide(line('1', level), 'acme', none)).toEqual({ decision: 'kept', rule: 'errors' });
  });

  it('the first rule that a line fits decides', () => {
    const rules: LogRule[] = [
      { name: 'shop', services: ['shop'], like: [pattern('*quiet*')], keptPerThousand: 0 },
      { name: 'debug', levels: ['debug'], keptPerThousand: 1000 },
      ...none,
    ];
    expect(decide(line('1', 'debug', 'be quiet'), 'acme', rules).rule).toBe('shop');
    expect(decide(line('1', 'debug', 'be quiet', 'bank'), 'acme', rules).rule).toBe('debug');
    expect(decide(line('1', 'info'), 'acme', rules)).toEqual({
      decision: 'dropped',
      rule: 'nothing',
    });
    expect(decide(line('1', 'info'), 'acme', [])).toEqual({ decision: 'kept', rule: 'others' });
  });

  it('health checks are dropped, unless they fail', () => {
    expect(decide(line('1', 'info', 'GET /health 200'), 'acme').decision).toBe('dropped');
    expect(decide(line('1', 'error', 'GET /health 500'), 'acme').decision).toBe('kept');
  });

  it('of sampled lines about as many as the rule says, the same in every delivery', () => {
    const rules: LogRule[] = [{ name: 'tenth', keptPerThousand: 100 }];
    const lines = Array.from({ length: 20_000 }, (_, n) => line(`line-${n}`, 'info'));
    const kept = () => lines.filter((one) => decide(one, 'acme', rules).decision === 'kept');
    // Six standard deviations: the draws are hashes, so this comes out the same every time.
    expect(Math.abs(kept().length - 2_000)).toBeLessThan(6 * Math.sqrt(20_000 * 0.1 * 0.9));
    expect(kept()).toEqual(kept());
    const others = lines.filter((one) => decide(one, 'globex', rules).decision === 'kept');
    expect(others).not.toEqual(kept());
  });

  it('has rules of different names', () => {
    const names = LOG_RULES.map(({ name }) => name);
    expect(new Set([...names, 'errors', 'others']).size).toBe(names.length + 2);
  });
});

describe('the pipeline', () => {
  const incoming = (event: LogEvent) => ({
    event: event as MillraceEvent,
    tenant: 'acme',
    arrivedAt: '2026-11-23T09:42:00.000Z',
  });

  it('judges a line as it is cleansed', () => {
    const { counts } = settle(logs, [incoming(line('1', 'info', '\u001b[32m GET /health 200'))]);
    const by = JSON.stringify({ decision: 'dropped', rule: 'health_checks', service: 'shop' });
    expect(counts[`acme logs.decisions 1m 2026-11-23T09:41:00Z ${by}`]).toEqual({
      count: 1,
      sum: '0',
    });
  });

  it('counts alike in any order and however often', () => {
    const lines = fc
      .array(
        fc.tuple(fc.constantFrom(...LOG_LEVELS), fc.string(), fc.constantFrom('shop', '\u202e')),
      )
      .map((all) =>
        all.map(([level, text, service], n) => incoming(line(`${n}`, level, text, service))),
      );
    const deliveries = lines.chain((all) =>
      fc.tuple(
        fc.constant(all),
        fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length }),
      ),
    );
    fc.assert(
      fc.property(deliveries, ([once, disordered]) => {
        expect(settle(logs, disordered).counts).toEqual(settle(logs, once).counts);
      }),
    );
  });
});
