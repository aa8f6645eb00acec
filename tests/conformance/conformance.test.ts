import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge, type Outcome } from './outcome.ts';
import { readRecorded } from './recorded.ts';
import { type Referee, startReferee } from './referee.ts';
import { type Rule, runsAlone } from './rule.ts';
import { rules } from './rules/index.ts';
import { startMillrace } from './subjects/millrace.ts';
import type { Subject } from './subjects/subject.ts';

let referee: Referee;
let millrace: Subject;

beforeAll(async () => {
  referee = await startReferee();
  millrace = await startMillrace(referee);
});
afterAll(async () => {
  await millrace?.stop();
  await referee?.close();
});

const recorded = (await readRecorded()).find(({ name }) => name === 'Millrace');

/** Every rule holds, but for what the page says is not there. */
function expected({ id }: Rule): Partial<Outcome> {
  const kind = recorded?.cells[id]?.kind;
  return { kind: kind === 'not offered' ? kind : 'holds' };
}

const named = (alone: boolean) =>
  rules.filter((rule) => runsAlone(rule) === alone).map((rule) => [rule.id, rule] as const);

describe.concurrent('Millrace keeps', () => {
  it.for(named(false))('%s', async ([, rule], { expect: expectHere }) => {
    expectHere(await judge(rule, millrace, referee)).toMatchObject(expected(rule));
  });
});

// After the others: each moves the clock of the whole cloud, or kills it.
describe('Millrace keeps, alone,', () => {
  it.for(named(true))('%s', async ([, rule]) => {
    expect(await judge(rule, millrace, referee)).toMatchObject(expected(rule));
  });
});
