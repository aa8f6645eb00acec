import type { EventOf } from '@millrace/types';
import { DAY_MS, dayOf, knownUntil } from '../../domain/days.ts';
import {
  definePipeline,
  type Incoming,
  type StateRef,
  stateRef,
  type Work,
} from '../../domain/engine/pipeline.ts';
import { type Client, visitorOf } from './client.ts';
import { bordersOf, sessionsAround } from './midnight.ts';
import { pageOf, pageUrl } from './page.ts';
import { type Run, withClick } from './runs.ts';
import { recount } from './session-counts.ts';
import { sessionDocument, sessionRef } from './session-document.ts';
import { sourceOf } from './source.ts';

type Click = Incoming<EventOf<'millrace.click.v1'>>;

/** Sessions of visitors, pages, and bots apart from them. */
export const clicks = definePipeline({
  name: 'clicks',
  takes: ['millrace.click.v1'],
  states: (incoming) =>
    'bot' in visitorOf(incoming.event.data.userAgent) ? [] : [...daysOf(incoming).values()],
  apply(incoming, work) {
    const { event } = incoming;
    const visitor = visitorOf(event.data.userAgent);
    if ('bot' in visitor) {
      work.count('clicks.bots', event.time, { by: { bot: visitor.bot } });
      return;
    }
    const run = runOf(event, visitor);
    if (run.views > 0) work.count('clicks.pages', event.time, { by: { page: run.first.page } });
    addToSessions(incoming, run, work);
  },
});

function runOf({ time, data }: Click['event'], client: Client): Run {
  const url = pageUrl(data.url);
  const last = { at: Date.parse(time), page: pageOf(url) };
  const isView = (data.action ?? 'view') === 'view';
  return {
    first: { ...last, ...sourceOf(url, data.referrer), ...client },
    last,
    views: Number(isView),
    clicks: Number(!isView),
  };
}

/** The runs of the visitor on the day of the click, which comes first, the day before and the day after. */
function daysOf({ event, tenant }: Click): Map<number, StateRef<readonly Run[]>> {
  const day = dayOf(Date.parse(event.time));
  const visitor = event.data.visitorId.toWellFormed();
  return new Map(
    [day, day - 1, day + 1].map((one) => [
      one,
      stateRef(tenant, 'visitor', visitor, {
        sk: String(one),
        expiresAt: knownUntil((one + 1) * DAY_MS),
      }),
    ]),
  );
}

function addToSessions(incoming: Click, click: Run, work: Work): void {
  const refs = daysOf(incoming);
  const day = dayOf(click.first.at);
  const before = new Map([...refs].map(([one, ref]) => [one, work.read(ref) ?? []]));
  const { runs, changed } = withClick(before.get(day) ?? [], click);
  const after = new Map(before).set(day, runs);
  const borders = bordersOf(changed, day);
  for (const [one, ref] of refs) {
    // A neighbour is written as it is where the session may go on there: who changes that day at
    // this moment must not overlook this one.
    const depends = one === day || (one < day ? borders.before : borders.after);
    if (depends) work.write(ref, after.get(one));
  }
  const old = sessionsAround(day, (one) => before.get(one) ?? []);
  const now = sessionsAround(day, (one) => after.get(one) ?? []);
  // Only what differs: of the others nothing guards that they are as they were read.
  const gone = without(old, now);
  const made = without(now, old);
  recount(work, gone, made);
  republish(incoming, gone, made, work);
}

/** By content: a session that was joined anew is the same one. */
function without(sessions: readonly Run[], others: readonly Run[]): Run[] {
  const known = new Set(others.map((one) => JSON.stringify(one)));
  return sessions.filter((one) => !known.has(JSON.stringify(one)));
}

/** A session that begins at another time is another document. */
function republish(
  { event, tenant }: Click,
  gone: readonly Run[],
  made: readonly Run[],
  work: Work,
): void {
  const documentOf = (session: Run) =>
    sessionDocument(event.data.visitorId.toWellFormed(), session);
  for (const session of gone) work.publish(sessionRef(tenant, documentOf(session)), undefined);
  for (const session of made) {
    const document = documentOf(session);
    work.publish(sessionRef(tenant, document), document);
  }
}
