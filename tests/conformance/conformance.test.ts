import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge } from './outcome.ts';
import { type Referee, startReferee } from './referee.ts';
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

describe.concurrent('Millrace keeps', () => {
  it.for(rules.filter(({ movesClock }) => !movesClock).map((rule) => [rule.id, rule] as const))(
    '%s',
    async ([, rule]) => expect(await judge(rule, millrace, referee)).toEqual({ kind: 'holds' }),
  );
});
