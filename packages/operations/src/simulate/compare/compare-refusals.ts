import type { DeadLetter } from '../platform/dead-letters.ts';
import { type Line, line } from './line.ts';

type KeysByCode = ReadonlyMap<string, ReadonlySet<string>>;

/** Refusals that devices were told of: each at least once, and none that was not to come. */
export function compareRefusals(expected: KeysByCode, told: ReadonlySet<string>): Line[] {
  const heard = byCode(told);
  const codes = new Set([...expected.keys(), ...heard.keys()]);
  // Its number is not in the plan: whether it is right, the counts of the readings tell.
  codes.delete('quota_exceeded');
  return [...codes].sort().map((code) => {
    const want = expected.get(code) ?? new Set<string>();
    const got = heard.get(code) ?? new Set<string>();
    return line(`refused: ${code}`, `${want.size} told`, toldOf(want, got));
  });
}

function toldOf(want: ReadonlySet<string>, got: ReadonlySet<string>): string {
  const strange = [...got].filter((key) => !want.has(key)).length;
  return `${got.size - strange} told${strange > 0 ? `, and ${strange} that should not be` : ''}`;
}

function byCode(told: ReadonlySet<string>): Map<string, Set<string>> {
  const heard = new Map<string, Set<string>>();
  for (const key of told) {
    const code = key.split(' ')[1] ?? '';
    heard.set(code, (heard.get(code) ?? new Set<string>()).add(key));
  }
  return heard;
}

/**
 * What is over a quota is told only; all else that is refused is kept.
 *
 * @param kept distinct messages by their code: one that came twice lies there twice
 */
export function compareDeadLetters(kept: KeysByCode, letters: readonly DeadLetter[]): Line[] {
  const found = new Map<string, Set<string>>();
  for (const { code, deviceId, payload } of letters) {
    found.set(code, (found.get(code) ?? new Set<string>()).add(`${deviceId} ${payload}`));
  }
  return [...new Set([...kept.keys(), ...found.keys()])]
    .sort()
    .map((code) =>
      line(
        `dead letters: ${code}`,
        `${kept.get(code)?.size ?? 0}`,
        `${found.get(code)?.size ?? 0}`,
      ),
    );
}
