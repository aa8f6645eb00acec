import { firstFailed, type Invoke, type Outcome, outcomeOf } from './invoke.ts';
import { eventOf, isRedrivable } from './letter-events.ts';
import { CLAIM_MS, isLeft, type Letter, type LetterStore } from './letters.ts';

/**
 * Logs of which events were counted live two weeks longer than an event may be late (400 days): a
 * record is redriven without a doubt so long after it arrived (docs/decisions/0020, 0062).
 */
export const SAFE_MS = 14 * 24 * 60 * 60 * 1000;

export interface LetterPorts {
  readonly store: LetterStore;
  readonly invoke: Invoke;
  /** Names this run. */
  readonly holder: string;
  readonly now: () => number;
  /** Also what is older than is safe. */
  readonly isForced: boolean;
}

/** Why a letter is left alone, whoever asks. */
export function whyHeld(letter: Letter, now: number, isForced: boolean): string | undefined {
  if (!isRedrivable(letter)) return 'its sender asks again by itself: discard it';
  const arrived = Date.parse(letter.arrivedAt ?? '') || letter.at;
  if (!isForced && now - arrived > SAFE_MS) {
    return 'arrived more than 14 days ago: redrive it by --force if it cannot have been counted before';
  }
  if (letter.claim && !isLeft(letter.claim, now)) {
    return `in the hands of ${letter.claim.holder} until ${new Date(letter.claim.until).toISOString()}`;
  }
  return undefined;
}

/**
 * Redrives one letter: out of its place into our hands, to the function, and by what lies in its
 * place then it is known whether it was put aside again. Whoever dies on the way leaves it in his
 * hands; whoever takes it over begins at the invocation. The function may so have it twice, which it
 * takes as once.
 */
export async function redriveLetter(letter: Letter, ports: LetterPorts): Promise<Outcome> {
  const { store, holder, now, isForced } = ports;
  const held = whyHeld(letter, now(), isForced);
  if (held !== undefined) return { outcome: 'held', reason: held };
  const claimed = await store.claim(letter, { holder, until: now() + CLAIM_MS });
  if (claimed !== 'ours') {
    return { outcome: 'held', reason: 'somebody else has dealt with it meanwhile' };
  }
  if (letter.status === 'redriving') {
    const again = await putAsideAgain(letter, ports);
    if (again) return again;
  }
  let outcome: Outcome = { outcome: 'failed', reason: 'not invoked' };
  try {
    outcome = await invoked(letter, ports);
  } finally {
    if (outcome.outcome !== 'accepted') await store.putBack(letter, holder, 'open');
  }
  if (outcome.outcome !== 'accepted') return outcome;
  const again = await putAsideAgain(letter, ports);
  if (again) return again;
  await store.putBack(letter, holder, 'redriven');
  return outcome;
}

async function invoked(letter: Letter, { store, invoke }: LetterPorts): Promise<Outcome> {
  const payload = await store.payload(letter);
  const answer = await invoke(letter.source, eventOf({ ...letter, payload }));
  const id = letter.attributes.sequenceNumber ?? letter.id;
  if (answer.kind === 'answered' && firstFailed(answer.payload, [id]) !== undefined) {
    return { outcome: 'failed', reason: 'the function wants it again: see its log' };
  }
  const outcome = outcomeOf(answer);
  // Whether it lies in its place again is what says so.
  return outcome.outcome === 'rejected' ? { outcome: 'accepted' } : outcome;
}

/** Where the function has put it aside, that letter is the one to be kept. */
async function putAsideAgain(
  letter: Letter,
  { store, holder }: LetterPorts,
): Promise<Outcome | undefined> {
  const inPlace = await store.inPlace(letter);
  if (inPlace === undefined) return undefined;
  await store.putBack(letter, holder, 'open');
  return { outcome: 'rejected', reason: `put aside again: ${inPlace.code}` };
}
