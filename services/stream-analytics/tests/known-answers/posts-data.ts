import type { EventOf } from '@millrace/types';
import type { Incoming } from '../../src/domain/engine/pipeline.ts';
import { asDelivered } from './as-delivered.ts';
import type { ExpectedCount } from './expected-count.ts';
import { seeded } from './seeded.ts';

type Post = Incoming<EventOf<'millrace.post.v1'>>;

/** What people say, and what a reader with the lexicon in hand makes of it: worked out by hand. */
interface Phrase {
  readonly lang: string;
  readonly score: number;
  readonly terms: readonly string[];
}

const PHRASES: Readonly<Record<string, Phrase>> = {
  'The coffee is very good': { lang: 'en', score: 4, terms: ['coffee', 'good'] },
  'The checkout is not good': { lang: 'en', score: -3, terms: ['checkout', 'good'] },
  'The mill opens on Tuesday': { lang: 'en', score: 0, terms: ['mill', 'opens', 'tuesday'] },
  'I hate this terrible checkout': {
    lang: 'en',
    score: -6,
    terms: ['hate', 'terrible', 'checkout'],
  },
  '결제가 너무 불편해요': { lang: 'ko', score: -3, terms: ['결제', '불편해요'] },
  '커피를 추천하고 싶지 않습니다': { lang: 'ko', score: -3, terms: ['커피', '추천'] },
  '물레방아를 보니 행복합니다': { lang: 'ko', score: 3, terms: ['물레방아', '행복'] },
  '방앗간은 화요일에 엽니다': { lang: 'ko', score: 0, terms: ['방앗간', '화요일', '엽니다'] },
  'Das Wasser ist heute nicht kalt': { lang: 'de', score: 0, terms: ['wasser', 'heute', 'kalt'] },
};

/** As written → as counted. */
const TAGS: Readonly<Record<string, string>> = {
  '#Coffee': 'coffee',
  '#COFFEE': 'coffee',
  '#결제': '결제',
  '＃결제': '결제',
  '#__proto__': '__proto__',
  '#Straße': 'strasse',
  '#2026': '',
  '@이름': '이름',
  '@Kim_1': 'kim_1',
  'https://example.com/a#Coffee': '',
};

/** Posts of three days as they arrive: late, in any order, some of them twice. */
export function events(seed: number, size: number): Post[] {
  const dice = seeded(seed);
  const start = Date.parse('2026-11-20T00:00:00Z');
  const inOrder = Array.from({ length: size }, (_, at): Post => {
    const phrase = dice.pick(Object.keys(PHRASES));
    const tags = Array.from({ length: dice.whole(0, 4) }, () => dice.pick(Object.keys(TAGS)));
    const isDeclared = dice.next() < 0.3;
    const lang = PHRASES[phrase]?.lang ?? '';
    return {
      tenant: dice.pick(['acme', 'acme', 'umbrella']),
      arrivedAt: '2026-11-24T00:00:00.000Z',
      event: {
        specversion: '1.0',
        id: `p${at}`,
        source: '/social',
        type: 'millrace.post.v1',
        time: new Date(start + Math.floor((at / size) * 3 * 86_400_000)).toISOString(),
        data: {
          author: `author-${dice.whole(0, 49)}`,
          text: [phrase, ...tags].join(' | '),
          ...(isDeclared && { lang: dice.pick([lang, `${lang}-XX`, lang.toUpperCase()]) }),
        },
      },
    };
  });
  return asDelivered(inOrder, dice);
}

/** One row for each thing that each post says. */
function rowsOf(all: readonly Post[]) {
  const posts = [...new Map(all.map((one) => [one.event.id, one])).values()];
  return posts.flatMap(({ tenant, event }) => {
    const [text = '', ...tags] = event.data.text.split(' | ');
    const { lang, score, terms } = PHRASES[text] as Phrase;
    const readable = lang === 'en' || lang === 'ko';
    const polarity = score > 0 ? 'positive' : score < 0 ? 'negative' : 'neutral';
    const day = event.time.slice(0, 10);
    const row = (metric: string, by: Record<string, string>, term = '', value = 0) => ({
      tenant,
      metric,
      day,
      by,
      term,
      value,
    });
    const counted = new Set(
      tags.filter((tag) => TAGS[tag]).map((tag) => `${tag.normalize('NFKC')[0]}${TAGS[tag]}`),
    );
    return [
      row('posts.sentiment', { lang, polarity: readable ? polarity : 'unknown' }, '', score),
      ...[...counted].map((tag) =>
        row(tag[0] === '#' ? 'posts.hashtags' : 'posts.mentions', {}, tag.slice(1)),
      ),
      ...terms.map((term) => row('posts.terms', { lang }, term)),
    ];
  });
}

const cellOf = ({ tenant, metric, day, by }: ReturnType<typeof rowsOf>[number]) =>
  JSON.stringify([tenant, metric, day, by]);

/** What the metrics must show by the day. */
export function expected(all: readonly Post[]): ExpectedCount[] {
  return [...Map.groupBy(rowsOf(all), cellOf).values()].flatMap((rows) => {
    const [first] = rows;
    if (!first) return [];
    const { tenant, metric, day, by } = first;
    const sum = rows.reduce((total, { value }) => total + value, 0);
    return [{ tenant, metric, day, by, count: rows.length, sum: String(sum) }];
  });
}

/** How often each term was said, by `[tenant, metric, day, dimensions]` in JSON. */
export function expectedTerms(all: readonly Post[]): Record<string, Record<string, number>> {
  const rows = rowsOf(all).filter(({ term }) => term !== '');
  return Object.fromEntries(
    [...Map.groupBy(rows, cellOf)].map(([cell, said]) => [
      cell,
      Object.fromEntries(
        [...Map.groupBy(said, ({ term }) => term)].map(([term, { length }]) => [term, length]),
      ),
    ]),
  );
}
