import type { MappingStatus } from '../../ports.ts';
import type { Condition } from './condition.ts';
import { element, setAttribute, setText } from './dom.ts';
import { duration, rate, shortFunctionName, sourceName } from './format.ts';
import { type IconName, icon, setIcon } from './icons.ts';
import type { Messages } from './messages-en.ts';

const CONDITION_ICONS: Record<Condition, IconName> = {
  flowing: 'flowing',
  resting: 'resting',
  retrying: 'retrying',
  blocked: 'blocked',
  'waiting-for-source': 'waiting',
  'waiting-for-function': 'waiting',
  disabled: 'disabled',
  stopped: 'stopped',
};

export interface FlowState {
  readonly mapping: MappingStatus;
  readonly condition: Condition;
  readonly rate: number;
  readonly oldestMs: number;
}

/** The picture of a mapping: its source, the race with the water in it, its function. */
export function createFlow(words: Messages, mapping: MappingStatus, headingId: string) {
  const { kind, functionName, service } = mapping;
  const target = shortFunctionName(functionName, service);
  const water = element('div', { class: 'water' });
  const channel = element('div', { class: 'channel', 'aria-hidden': 'true' }, water);
  const moving = element('span', { class: 'rate' });
  const lag = element('span', { class: 'lag' });
  const mark = icon('resting');
  const word = element('span');
  const heading = element('h3', { id: headingId, title: functionName }, target);
  const source = sourceName(mapping.source);
  const root = element(
    'header',
    { class: 'flow' },
    end('source', icon(kind), words.kinds[kind], element('p', { title: mapping.source }, source)),
    element('div', { class: 'race' }, channel, element('p', { class: 'pace' }, moving, lag)),
    end('function', icon('function'), words.kinds.function, heading),
    element('p', { class: 'condition' }, mark, word),
  );
  return {
    root,
    update({ condition, rate: perSecond, oldestMs }: FlowState) {
      const { language } = words;
      setIcon(mark, CONDITION_ICONS[condition]);
      setText(word, words.conditions[condition]);
      setText(moving, perSecond > 0 ? `${rate(perSecond, language)} ${words.perSecond}` : '');
      setText(lag, oldestMs > 0 ? words.oldest(duration(oldestMs, language)) : '');
      setAttribute(channel, 'data-condition', condition);
      water.style.width = `${Math.round(fillOf(condition, oldestMs) * 100)}%`;
    },
  };
}

function end(className: string, mark: SVGElement, kind: string, name: HTMLElement): HTMLElement {
  name.classList.add('name');
  const caption = element('p', { class: 'kind' }, mark, element('span', {}, kind));
  return element('div', { class: `end ${className}` }, caption, name);
}

/** How far the water stands before the gate: by the decades of the oldest record's age. */
function fillOf(condition: Condition, oldestMs: number): number {
  if (condition === 'flowing') return 1;
  if (condition === 'retrying' || condition === 'blocked') {
    return Math.min(0.85, 0.3 + Math.log10(1 + oldestMs / 1000) / 8);
  }
  return condition === 'waiting-for-function' ? 0.92 : 0;
}
