import type { CloudStatus } from '../status.ts';
import { createList, element, setAttribute, setText, type View } from './dom.ts';
import { createElsewhere } from './elsewhere.ts';
import { count, duration } from './format.ts';
import type { History } from './history.ts';
import { icon } from './icons.ts';
import { createMappingCard, type MappingState } from './mapping-card.ts';
import type { Messages } from './messages-en.ts';
import { createOverview } from './overview.ts';

export interface PageView {
  readonly root: HTMLElement;
  update(status: CloudStatus, at: number): void;
  lost(forMs: number): void;
}

/** The whole page in one language. */
export function createView(
  words: Messages,
  options: { readonly history: History; readonly spanMs: number; switchLanguage(): void },
): PageView {
  const { history, spanMs } = options;
  const top = createTop(words, options.switchLanguage);
  const notices = createNotices(words);
  const overview = createOverview(words);
  const services = element('div', { class: 'services' });
  const groups = createList<ServiceGroup>(
    services,
    ({ service }) => service,
    (group) => createService(words, group),
  );
  const elsewhere = createElsewhere(words);
  elsewhere.root.setAttribute('hidden', '');
  const main = element('main', {}, notices.root, overview.root, services, elsewhere.root);
  return {
    root: element('div', { class: 'page' }, top.root, main),
    update(status, at) {
      top.live(true, words.live);
      main.classList.remove('stale');
      notices.update(status);
      overview.update(status, history.totalRate());
      groups(groupsOf(status, history, { from: at - spanMs, to: at }));
      elsewhere.update(status);
      elsewhere.root.toggleAttribute('hidden', status.services.length === 0);
    },
    lost(forMs) {
      main.classList.add('stale');
      top.live(false, words.lost(Math.round(forMs / 1000)));
      notices.gone();
    },
  };
}

function createTop(words: Messages, switchLanguage: () => void) {
  const state = element('p', { class: 'connection' });
  const button = element('button', { type: 'button', lang: words.language === 'en' ? 'ko' : 'en' });
  setText(button, words.switchTo);
  button.addEventListener('click', switchLanguage);
  const logo = element('img', { src: 'page/icon.svg', alt: '', width: '28', height: '28' });
  const title = element('h1', {}, 'Millrace ', element('span', {}, words.title));
  return {
    root: element('header', { class: 'top' }, logo, title, state, button),
    live(isLive: boolean, text: string) {
      setAttribute(state, 'data-live', String(isLive));
      setText(state, text);
    },
  };
}

/** What one must know to read the rest: the cloud is gone, time was moved, faults are injected. */
function createNotices(words: Messages) {
  const gone = element('p', { class: 'notice', 'data-tone': 'bad', role: 'alert' });
  const clock = element('p', { class: 'notice', 'data-tone': 'warning' });
  const faults = element('p', { class: 'notice', 'data-tone': 'warning' });
  const all = [gone, clock, faults];
  const show = (notice: HTMLElement, text: string | undefined) => {
    notice.hidden = text === undefined;
    if (text === undefined || notice.lastElementChild?.textContent === text) return;
    notice.replaceChildren(icon('warning'), element('span', {}, text));
  };
  for (const notice of all) notice.hidden = true;
  return {
    root: element('div', { class: 'notices' }, ...all),
    gone: () => show(gone, `${words.gone} ${words.goneHint}`),
    update(status: CloudStatus) {
      show(gone, undefined);
      const { offsetMs } = status.clock;
      const by = duration(offsetMs, words.language);
      show(clock, offsetMs > 0 ? words.clockMoved(by) : undefined);
      show(faults, status.faults && words.faultsOn(status.faults.seed, injected(status, words)));
    },
  };
}

function injected({ faults }: CloudStatus, words: Messages): string {
  const kinds = Object.entries(faults?.injected ?? {}).filter(([, times]) => times > 0);
  if (kinds.length === 0) return words.nothingInjected;
  return kinds.map(([kind, times]) => `${kind} ${count(times, words.language)}`).join(', ');
}

interface ServiceGroup {
  readonly service: string;
  readonly running: boolean;
  readonly mappings: readonly MappingState[];
}

/** Services in their order; what belongs to none comes last, under no name. */
function groupsOf(
  status: CloudStatus,
  history: History,
  span: { readonly from: number; readonly to: number },
): ServiceGroup[] {
  const running = new Map(status.services.map((one) => [one.service, one.running]));
  const byService = Map.groupBy(status.mappings, ({ service = '' }) => service);
  return [...new Set([...running.keys(), ...byService.keys()])]
    .map((service) => ({
      service,
      running: running.get(service) ?? true,
      mappings: (byService.get(service) ?? []).map((mapping) => ({
        ...{ mapping, queues: status.queues, samples: history.of(mapping.id), ...span },
      })),
    }))
    .filter(({ mappings, running: isRunning }) => mappings.length > 0 || !isRunning);
}

function createService(words: Messages, { service }: ServiceGroup): View<ServiceGroup> {
  const state = element('span', { class: 'service-state' });
  const heading = element('h2', {}, service, ' ', state);
  const cards = element('div', { class: 'cards' });
  const list = createList<MappingState>(
    cards,
    ({ mapping }) => mapping.id,
    (first) => createMappingCard(words, first),
  );
  return {
    root: element('section', { class: 'service' }, heading, cards),
    update({ running, mappings }) {
      setText(state, running ? words.running : words.notRunning);
      setAttribute(state, 'data-running', String(running));
      list(mappings);
    },
  };
}
