/** One thing that was to come out, and what came out. */
export interface Line {
  readonly what: string;
  readonly expected: string;
  readonly reported: string;
  readonly right: boolean;
}

export function line(what: string, expected: string, reported: string): Line {
  return { what, expected, reported, right: expected === reported };
}

const MOST_SHOWN = 3;

/**
 * One line for many of a kind: how many are right, and the first that are not.
 *
 * @param wrong a description of each that is not right
 */
export function lineOfMany(what: string, all: number, wrong: readonly string[]): Line {
  const shown = wrong.slice(0, MOST_SHOWN).join('; ');
  const more = wrong.length > MOST_SHOWN ? `; and ${wrong.length - MOST_SHOWN} more` : '';
  return line(
    what,
    `${all} right`,
    wrong.length === 0 ? `${all} right` : `${all - wrong.length} right (${shown}${more})`,
  );
}
