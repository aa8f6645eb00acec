import type { Language } from './format.ts';

const KEY = 'millrace.language';

/** What was chosen before, else what the browser is set to. */
export function chosenLanguage(): Language {
  const remembered = stored();
  if (remembered === 'en' || remembered === 'ko') return remembered;
  return navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en';
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // A browser that keeps nothing shows its own language the next time.
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
