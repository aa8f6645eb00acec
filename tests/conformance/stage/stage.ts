import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Play, Referee } from '../referee.ts';
import { NotObservable } from '../rule.ts';
import type { Clients } from '../subjects/clients.ts';
import type { FunctionSettings, MappingSettings, Subject } from '../subjects/subject.ts';
import { openSources, type Sources } from './sources.ts';

/** As long a wait for real as a rule may ask of an implementation whose clock cannot be moved. */
const LONGEST_WAIT_MS = 75_000;
const POLL_MS = 50;

/** A function of the rule. What it does is the rule's own code. */
export interface Performer {
  readonly name: string;
  readonly arn: string;
  calls<Event = Record<string, unknown>>(): readonly Call<Event>[];
  /** Waits until there are so many calls that have ended, and answers the calls. */
  called<Event = Record<string, unknown>>(
    times: number,
    withinMs?: number,
  ): Promise<readonly Call<Event>[]>;
  /** From now on it does this. */
  perform(play: Play): void;
}

/**
 * What one rule works with: functions, sources and destinations under names of its own, removed when
 * it ends.
 */
export interface Stage extends Sources {
  readonly subject: Subject;
  readonly clients: Clients;
  /** A name that nobody else has: lower case, digits and hyphens, at most 40 characters. */
  name(base: string): string;
  function(play: Play, settings?: Omit<FunctionSettings, 'name'>): Promise<Performer>;
  /** Makes an event source mapping, from the horizon on unless told otherwise. */
  map(
    performer: Performer,
    eventSourceArn: string,
    settings?: Partial<MappingSettings>,
  ): Promise<void>;
  /** Resolves with what `look` answers as soon as that is not undefined. */
  eventually<Found>(
    what: string,
    look: () => Found | undefined | Promise<Found | undefined>,
    withinMs?: number,
  ): Promise<Found>;
  /** Lets time pass: moves the clock, or waits where that takes little more than a minute. */
  pass(ms: number): Promise<void>;
  /** Waits for real. */
  rest(ms: number): Promise<void>;
  /** What is to be undone when the rule has ended; the last first. */
  atEnd(undo: () => unknown): void;
}

export function openStage(
  subject: Subject,
  referee: Referee,
  signal: AbortSignal,
): { stage: Stage; close(): Promise<void> } {
  const { clients } = subject;
  const undos: (() => unknown)[] = [];
  const suffix = Math.random().toString(36).slice(2, 8);
  let names = 0;

  const tools = {
    subject,
    clients,
    name(base: string) {
      names += 1;
      return `${base.slice(0, 28)}-${suffix}${names}`;
    },
    async eventually<Found>(
      what: string,
      look: () => Found | undefined | Promise<Found | undefined>,
      withinMs = 20_000,
    ): Promise<Found> {
      for (const deadline = Date.now() + withinMs; Date.now() < deadline; ) {
        const found = await look();
        if (found !== undefined) return found;
        await sleep(POLL_MS, undefined, { signal });
      }
      throw new Error(`${what}: not within ${withinMs / 1000} s`);
    },
    async pass(ms: number) {
      if (subject.clock) await subject.clock.advance(ms);
      else if (ms <= LONGEST_WAIT_MS) await sleep(ms, undefined, { signal });
      else throw new NotObservable(`it takes ${ms / 1000} s, and the clock cannot be moved`);
    },
    rest: (ms: number) => sleep(ms, undefined, { signal }),
    atEnd: (undo: () => unknown) => void undos.push(undo),
  };

  const stage: Stage = {
    ...tools,
    ...openSources(tools),
    async function(play, settings = {}) {
      const name = tools.name('function');
      const timeoutMs = (settings.timeoutSeconds ?? 10) * 1000;
      referee.perform(name, play, timeoutMs);
      tools.atEnd(() => referee.forget(name));
      await subject.deployFunction({ name, ...settings });
      tools.atEnd(() => subject.removeFunction(name));
      const calls = <Event>() => referee.calls(name) as readonly Call<Event>[];
      return {
        name,
        arn: `arn:aws:lambda:${subject.region}:${subject.accountId}:function:${name}`,
        calls,
        called: <Event>(times: number, withinMs?: number) =>
          tools
            .eventually(
              `${times} calls of the function`,
              () => {
                const all = calls<Event>();
                const ended = all.filter(({ endedAt }) => endedAt !== undefined).length;
                return ended >= times ? all : undefined;
              },
              withinMs,
            )
            .catch((error: Error) => {
              throw new Error(`${error.message}; there were ${calls().length}`);
            }),
        perform: (next) => referee.perform(name, next, timeoutMs),
      };
    },
    map: (performer, EventSourceArn, settings = {}) =>
      subject.mapEvents({
        FunctionName: performer.name,
        EventSourceArn,
        ...(!EventSourceArn.startsWith('arn:aws:sqs') && { StartingPosition: 'TRIM_HORIZON' }),
        ...settings,
      }),
  };

  return {
    stage,
    async close() {
      // What cannot be removed stays behind under its own name and is in nobody's way.
      for (const undo of undos.reverse()) await Promise.resolve(undo()).catch(() => undefined);
    },
  };
}
