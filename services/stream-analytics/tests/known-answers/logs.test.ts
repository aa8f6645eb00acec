import { expect, it } from 'vitest';
import { logs } from '../../src/pipelines/logs/pipeline.ts';
import { settle } from '../model/settle.ts';
import { events, expected } from './logs-data.ts';

it('counts of every service which lines were kept, sampled out and dropped, and why', () => {
  const all = events(7, 5_000);
  const { counts } = settle(logs, all);
  const perDay = Object.entries(counts).flatMap(([cell, { count }]): [string, number][] => {
    const [, by] = /^acme logs\.decisions 1d \S+ (.*)$/.exec(cell) ?? [];
    if (by === undefined) return [];
    const { service, rule, decision } = JSON.parse(by);
    return [[`${service} ${rule} ${decision}`, count]];
  });
  const { decisions } = expected(all);
  expect(Object.fromEntries(perDay)).toEqual(decisions);
  expect(Object.keys(decisions).length).toBeGreaterThan(20);
});
