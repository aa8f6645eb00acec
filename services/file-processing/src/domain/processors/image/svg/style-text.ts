import { UnsafeSvg } from './unsafe-svg.ts';

/** A reference within the file: `url(#gradient)`, also quoted. */
const LOCAL_URL = /^\s*["']?\s*#([^"')\s]+)\s*["']?\s*\)/;

/** References of an attribute or a style sheet. @throws UnsafeSvg where one leads out of the file */
export function localReferences(value: string): string[] {
  const [, ...afterUrl] = value.split(/url\s*\(/i);
  return afterUrl.map((rest) => {
    const id = LOCAL_URL.exec(rest.slice(0, 300))?.[1];
    if (id === undefined) throw new UnsafeSvg('refers to something outside of itself');
    return id;
  });
}

/**
 * A style sheet or style attribute: may not load another, nor hide from us what it says.
 *
 * @throws UnsafeSvg
 */
export function checkStyle(css: string): void {
  if (css.includes('\\')) throw new UnsafeSvg('has escaped characters in its style');
  if (/@(?!media\b)/i.test(css)) throw new UnsafeSvg('loads a style sheet or a font');
  localReferences(css);
}
