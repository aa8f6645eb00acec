import type { MappingStatus } from '../../ports.ts';
import type { CloudStatus } from '../status.ts';
import { conditionOf, oldestAgeMs } from './condition.ts';
import { element, setAttribute, setText } from './dom.ts';
import { count, duration, rate, shortFunctionName, sourceName } from './format.ts';
import { type IconName, icon, setIcon } from './icons.ts';
import type { Messages } from './messages-en.ts';

export interface Verdict {
  readonly tone: 'good' | 'warning' | 'bad' | 'quiet';
  readonly icon: IconName;
  readonly text: string;
  readonly hint: string;
}

/** One sentence on all of it: the worst that is the case. */
export function verdictOf(status: CloudStatus, moving: boolean, words: Messages): Verdict {
  const { verdict } = words;
  const conditions = Map.groupBy(status.mappings, (mapping) => conditionOf(mapping));
  const says = (tone: Verdict['tone'], mark: IconName, text: string, hint = ''): Verdict => ({
    ...{ tone, text, hint, icon: mark },
  });
  if (status.services.length === 0) {
    return says('quiet', 'waiting', verdict.empty, verdict.emptyHint);
  }
  const blocked = conditions.get('blocked') ?? [];
  if (blocked.length > 0) {
    return says('bad', 'blocked', verdict.blocked(blocked.length), names(blocked));
  }
  const waiting = (['waiting-for-function', 'waiting-for-source'] as const).flatMap(
    (one) => conditions.get(one) ?? [],
  );
  if (waiting.length > 0) {
    return says('warning', 'waiting', verdict.waiting(waiting.length), names(waiting));
  }
  const retrying = conditions.get('retrying') ?? [];
  if (retrying.length > 0) {
    return says('warning', 'retrying', verdict.retrying(retrying.length), names(retrying));
  }
  return moving || conditions.has('flowing')
    ? says('good', 'flowing', verdict.flowing)
    : says('good', 'resting', verdict.resting);
}

/** Figures that ought to be 0. */
const TONES: Readonly<Record<string, string>> = {
  retried: 'warning',
  discarded: 'bad',
  deadLetters: 'bad',
};

const MAX_NAMES = 3;

function names(mappings: readonly MappingStatus[]): string {
  const named = mappings
    .slice(0, MAX_NAMES)
    .map(
      ({ source, functionName, service }) =>
        `${sourceName(source)} → ${shortFunctionName(functionName, service)}`,
    );
  return `${named.join(', ')}${mappings.length > MAX_NAMES ? ', …' : ''}`;
}

/** The sentence, and the few figures that one looks for first. */
export function createOverview(words: Messages) {
  const mark = icon('resting');
  const text = element('h2', { 'aria-live': 'polite' });
  const hint = element('p', { class: 'hint' });
  const figures = element('dl', { class: 'figures' });
  const cells = Object.entries(words.figures).map(([key, name]) => {
    const value = element('dd', { 'data-figure': key });
    figures.append(element('div', {}, element('dt', {}, name), value));
    return value;
  });
  const root = element(
    'section',
    { class: 'overview' },
    element('div', { class: 'verdict' }, mark, text, hint),
    figures,
  );
  setText(text, words.verdict.loading);
  return {
    root,
    update(status: CloudStatus, perSecond: number) {
      const verdict = verdictOf(status, perSecond > 0, words);
      setAttribute(root, 'data-tone', verdict.tone);
      setIcon(mark, verdict.icon);
      setText(text, verdict.text);
      setText(hint, verdict.hint);
      figures.hidden = status.services.length === 0;
      for (const [index, value] of figuresOf(status, perSecond, words).entries()) {
        const cell = cells[index];
        if (!cell) continue;
        setText(cell, value);
        const tone = value === '0' ? undefined : TONES[cell.dataset.figure ?? ''];
        setAttribute(cell, 'data-tone', tone);
      }
    },
  };
}

/** In the order of `words.figures`. */
function figuresOf(status: CloudStatus, perSecond: number, { language }: Messages): string[] {
  const { mappings, queues, asynchronousInvocations } = status;
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  const oldest = mappings.reduce((most, mapping) => Math.max(most, oldestAgeMs(mapping)), 0);
  const discarded = sum(mappings.map((mapping) => mapping.discarded));
  const lying = queues.filter(({ deadLettersOf }) => deadLettersOf.length > 0);
  return [
    rate(perSecond, language),
    count(sum(mappings.map(({ delivered }) => delivered)), language),
    oldest > 0 ? duration(oldest, language) : '–',
    count(sum(mappings.map(({ retried }) => retried)), language),
    count(discarded + asynchronousInvocations.discarded, language),
    count(sum(lying.map(({ messages, inFlight }) => messages + inFlight)), language),
  ];
}
