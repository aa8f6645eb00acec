import { equal } from 'node:assert/strict';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { judge } from './outcome.ts';
import { type Referee, startReferee } from './referee.ts';
import { NotObservable, NotOffered, type Rule } from './rule.ts';
import { createEndpointSubject } from './subjects/endpoint.ts';
import type { Subject } from './subjects/subject.ts';

let referee: Referee;
let subject: Subject;
beforeAll(async () => {
  referee = await startReferee();
  // Nobody listens there: what a rule does is all that counts here.
  const endpoint = 'http://127.0.0.1:9';
  subject = createEndpointSubject({ name: 'Nobody', version: '0', endpoint, referee });
});
afterAll(async () => {
  await subject.stop();
  await referee.close();
});

const outcomeOf = (run: Rule['run'], limitMs = 5_000) =>
  judge({ id: 'a/b', title: 'A', page: 'https://a', limitMs, run }, subject, referee);

it('tells a rule that holds', async () => {
  expect(await outcomeOf(() => Promise.resolve())).toEqual({ kind: 'holds' });
});

it('tells what was seen instead', async () => {
  expect(await outcomeOf(async () => equal(1, 2))).toEqual({
    kind: 'fails',
    reason: 'saw 1, not 2',
  });
});

it.each([
  ['not offered', new NotOffered('no such thing')],
  ['not observable', new NotObservable('no such thing')],
  ['not offered', Object.assign(new Error('no such thing'), { name: 'NotImplemented' })],
  ['fails', new Error('no such thing')],
])('tells %s apart', async (kind, error) => {
  expect(await outcomeOf(() => Promise.reject(error))).toEqual({ kind, reason: 'no such thing' });
});

it('ends a rule that takes too long, and what it waits for', async () => {
  let ended = false;
  const outcome = await outcomeOf(async (stage) => {
    await stage.rest(60_000).finally(() => {
      ended = true;
    });
  }, 200);
  expect(outcome).toEqual({ kind: 'fails', reason: 'it took more than 0.2 s' });
  await expect.poll(() => ended).toBe(true);
});

it('undoes what a rule did, the last first, also after a failure', async () => {
  const undone: string[] = [];
  await outcomeOf(async ({ atEnd }) => {
    for (const name of ['stream', 'function']) atEnd(() => void undone.push(name));
    throw new Error('halfway');
  });
  expect(undone).toEqual(['function', 'stream']);
});

it('says that a day cannot be waited for where the clock cannot be moved', async () => {
  expect(await outcomeOf((stage) => stage.pass(86_400_000))).toMatchObject({
    kind: 'not observable',
  });
});
