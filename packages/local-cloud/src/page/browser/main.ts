/** The live page: one view in the chosen language, fed by the status stream. */
import type { CloudStatus } from '../status.ts';
import { openConnection } from './connection.ts';
import type { Language } from './format.ts';
import { createHistory } from './history.ts';
import { chosenLanguage, rememberLanguage } from './language.ts';
import { en } from './messages-en.ts';
import { ko } from './messages-ko.ts';
import { createView, type PageView } from './view.ts';

const SPAN_MS = 5 * 60_000;

const history = createHistory(SPAN_MS);
let language = chosenLanguage();
let last: CloudStatus | undefined;
let view = show(language);

function show(chosen: Language): PageView {
  const words = chosen === 'ko' ? ko : en;
  document.documentElement.lang = chosen;
  const made = createView(words, { history, spanMs: SPAN_MS, switchLanguage });
  document.body.replaceChildren(made.root);
  if (last) made.update(last, Date.now());
  return made;
}

function switchLanguage(): void {
  language = language === 'en' ? 'ko' : 'en';
  rememberLanguage(language);
  view = show(language);
  // The button that was pressed is gone with the old view.
  document.querySelector<HTMLElement>('.top button')?.focus();
}

openConnection({
  status(status) {
    const now = Date.now();
    last = status;
    history.add(now, status);
    view.update(status, now);
  },
  lost: (forMs) => view.lost(forMs),
});
