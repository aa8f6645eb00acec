import { drawing } from './dom.ts';

/** Strokes on a field of 16 × 16; each stands beside a word that says the same. */
const PATHS = {
  kinesis:
    'M1.5 4.5q2.2-2 4.3 0t4.3 0 4.4 0M1.5 8q2.2-2 4.3 0t4.3 0 4.4 0M1.5 11.5q2.2-2 4.3 0t4.3 0 4.4 0',
  dynamodb: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.6h11M6.5 3v10',
  sqs: 'M2 5h3v6H2zM6.5 5h3v6h-3zM11 5h3v6h-3z',
  s3: 'M2.5 4h11l-1.4 9.5H3.9zM2.5 4q5.5-2.5 11 0',
  schedule: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.4 1.6',
  iot: 'M8 9.5v4M8 9.5a1 1 0 1 0 0-2 1 1 0 0 0 0 2zM5 11a4 4 0 0 1 0-5M11 11a4 4 0 0 0 0-5M3 12.7a6.5 6.5 0 0 1 0-8.5M13 12.7a6.5 6.5 0 0 0 0-8.5',
  function: 'M11.5 2.5q-2.5-.6-3 2l-1.6 7q-.6 2.6-3 2M5.5 7h5.5',
  flowing: 'M2 8h10M8.5 4.5 12 8l-3.5 3.5',
  resting: 'M3 8.5 6.5 12 13 4.5',
  retrying: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.8h-2.8',
  blocked: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM4.5 8h7',
  waiting:
    'M4.5 2.5h7M4.5 13.5h7M5.5 2.5q0 3.5 2.5 5.5-2.5 2-2.5 5.5M10.5 2.5q0 3.5-2.5 5.5 2.5 2 2.5 5.5',
  disabled: 'M6 4v8M10 4v8',
  stopped: 'M4.5 4.5h7v7h-7z',
  warning: 'M8 2.5 14 13H2zM8 6.5V9.5M8 11.3v.2',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGElement {
  const path = drawing('path', { d: PATHS[name] });
  return drawing(
    'svg',
    { viewBox: '0 0 16 16', class: 'icon', 'aria-hidden': 'true', 'data-icon': name },
    path,
  );
}

export function setIcon(target: SVGElement, name: IconName): void {
  if (target.getAttribute('data-icon') === name) return;
  target.setAttribute('data-icon', name);
  target.firstElementChild?.setAttribute('d', PATHS[name]);
}
