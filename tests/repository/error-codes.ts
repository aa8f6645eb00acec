import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['{packages,services}/*/src/**/*.ts', 'scripts/*.{ts,mjs}', 'benchmarks/**/*.ts'];

/** Every way in which a stable code comes into being. */
const ORIGINS: readonly RegExp[] = [
  // The first argument of the error classes that carry one.
  /new (?:LocalCloud|Start|Permanent|Transient|Problem)Error\(\s*'(\w+)'/g,
  // A class with one code; what is answered, and why an event is refused.
  /readonly code = '(\w+)'/g,
  /\bcode: '([a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+)'/g,
  /\breject\('(\w+)'/g,
  /\bjsonBody\(\w+, '(\w+)'/g,
  // A line at the terminal that is written as it stands.
  / \[([A-Z]+(?:_[A-Z]+)*)\](?:\\n)*['"`]/g,
  // A failed installation: what is seen of it, then its code.
  /\/[a-z]*,\s*'([A-Z]+(?:_[A-Z]+)+)',/g,
];

/** The text of the sources, without comments that take whole lines. */
export function readSources(): string {
  const files = globSync(SOURCES, { cwd: ROOT });
  if (files.length === 0) throw new Error(`There are no sources at ${ROOT}.`);
  const text = files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
  return text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
}

export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The stable codes that the sources make. */
export function codesMadeBy(sources: string): Set<string> {
  return new Set(
    ORIGINS.flatMap((origin) => [...sources.matchAll(origin)].map(([, code = '']) => code)),
  );
}

/** The codes that a page explains: in the first column of its tables, or in its lists of reasons. */
export function codesExplainedBy(page: string): Set<string> {
  const places = [...page.matchAll(/^\| (.+?) \||^Reasons of .+$/gm)];
  const texts = places.map(([whole, firstColumn]) => firstColumn ?? whole);
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/`([A-Za-z_]+)`/g)].map(([, code = '']) => code)),
  );
}

/** Whether sources know the code: as a text, as the name of a member, or in a line at the terminal. */
export function isKnown(code: string, sources: string): boolean {
  return new RegExp(`'${code}'|\\b${code}:|\\[${code}\\]`).test(sources);
}
