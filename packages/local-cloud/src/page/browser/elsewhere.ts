import type { CloudStatus, QueueState, TopicRuleState } from '../status.ts';
import { createList, element, setAttribute, setText, type View } from './dom.ts';
import { count, shortFunctionName } from './format.ts';
import type { Messages } from './messages-en.ts';

/** What is no mapping: queues with their dead letters, asynchronous invocations, devices. */
export function createElsewhere(words: Messages): View<CloudStatus> {
  const parts = [createQueues(words), createAsynchronous(words), createDevices(words)];
  return {
    root: element('div', { class: 'elsewhere' }, ...parts.map(({ root }) => root)),
    update(status) {
      for (const part of parts) part.update(status);
    },
  };
}

function createQueues(words: Messages): View<CloudStatus> {
  const { queues: names, language } = words;
  const table = createTable(names.title, [names.name, names.messages, names.inFlight, names.from]);
  const none = element('p', { class: 'none' }, names.none);
  const rows = createList<QueueState & { readonly from: string }>(
    table.body,
    ({ arn }) => arn,
    () =>
      createRow(({ name, messages, delayed, inFlight, deadLettersOf, from }) => ({
        cells: [
          name,
          count(messages + delayed, language),
          count(inFlight, language),
          from || names.source,
        ],
        tone: deadLettersOf.length > 0 && messages + inFlight > 0 ? 'bad' : undefined,
      })),
  );
  return {
    root: section(names.title, table.root, none),
    update({ queues, services }) {
      const serviceOf = (name: string) =>
        services.find(({ functions }) => functions.includes(name))?.service;
      rows(
        queues.map((queue) => ({
          ...queue,
          from: queue.deadLettersOf
            .map((name) => shortFunctionName(name, serviceOf(name)))
            .join(', '),
        })),
      );
      table.root.hidden = queues.length === 0;
      none.hidden = queues.length > 0;
    },
  };
}

function createAsynchronous(words: Messages): View<CloudStatus> {
  const { title, ...names } = words.asynchronous;
  const facts = createFacts(Object.values(names));
  return {
    root: section(title, facts.root),
    update({ asynchronousInvocations: state }) {
      const { queued, inFlight, destinations, discarded, undelivered } = state;
      const counts = [queued, inFlight, destinations, discarded, undelivered];
      facts.update(counts.map((n) => count(n, words.language)));
    },
  };
}

function createDevices(words: Messages): View<CloudStatus> {
  const { iot: names, language } = words;
  const facts = createFacts([names.clients]);
  const table = createTable(names.title, [names.rule, names.matched, names.failed]);
  const none = element('p', { class: 'none' }, names.none);
  const rows = createList<TopicRuleState>(
    table.body,
    ({ service, ruleName }) => `${service} ${ruleName}`,
    () =>
      createRow(({ ruleName, matched, failed, sql }) => ({
        cells: [ruleName, count(matched, language), count(failed, language)],
        title: sql,
        tone: failed > 0 ? 'bad' : undefined,
      })),
  );
  return {
    root: section(names.title, facts.root, table.root, none),
    update({ topicRules, mqttClients }) {
      facts.update([count(mqttClients, language)]);
      rows(topicRules);
      table.root.hidden = topicRules.length === 0;
      none.hidden = topicRules.length > 0;
    },
  };
}

function section(title: string, ...children: HTMLElement[]): HTMLElement {
  return element('section', { class: 'panel' }, element('h2', {}, title), ...children);
}

function createTable(caption: string, titles: readonly string[]) {
  const body = element('tbody');
  const head = titles.map((title) => element('th', { scope: 'col' }, title));
  const root = element(
    'table',
    {},
    element('caption', { class: 'unseen' }, caption),
    element('thead', {}, element('tr', {}, ...head)),
    body,
  );
  return { root, body };
}

interface RowContent {
  /** The first one names the row; those that are numbers stand to the right. */
  readonly cells: readonly string[];
  readonly title?: string;
  readonly tone?: string | undefined;
}

function createRow<T>(describe: (item: T) => RowContent): View<T> {
  const root = element('tr');
  return {
    root,
    update(item) {
      const { cells, title, tone } = describe(item);
      if (root.children.length === 0) {
        root.append(element('th', { scope: 'row' }), ...cells.slice(1).map(() => element('td')));
      }
      setAttribute(root, 'data-tone', tone);
      setAttribute(root, 'title', title);
      for (const [index, text] of cells.entries()) {
        const cell = root.children[index];
        if (!cell) continue;
        setText(cell, text);
        cell.classList.toggle('num', index > 0 && /^[\d.,]+$/.test(text));
      }
    },
  };
}

function createFacts(names: readonly string[]) {
  const values = names.map(() => element('dd'));
  const pairs = names.map((name, index) =>
    element('div', {}, element('dt', {}, name), values[index] ?? ''),
  );
  return {
    root: element('dl', { class: 'list' }, ...pairs),
    update(texts: readonly string[]) {
      for (const [index, text] of texts.entries()) {
        if (values[index]) setText(values[index], text);
      }
    },
  };
}
