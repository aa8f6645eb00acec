import { type ChartPoint, chartPaths } from './chart.ts';
import { drawing, element, setAttribute, setText } from './dom.ts';
import type { Messages } from './messages-en.ts';

const WIDTH = 240;
const HEIGHT = 40;

export interface Sparkline {
  readonly root: HTMLElement;
  update(points: readonly ChartPoint[], from: number, to: number): void;
}

/**
 * A small chart of the last minutes with its newest and its highest value in words.
 * @param leastTop see chartPaths
 */
export function createSparkline(
  words: Messages,
  title: string,
  format: (value: number) => string,
  leastTop: number,
): Sparkline {
  const area = drawing('path', { class: 'area' });
  const line = drawing('path', { class: 'line', 'vector-effect': 'non-scaling-stroke' });
  const viewBox = `0 -2 ${WIDTH} ${HEIGHT + 4}`;
  const picture = drawing(
    'svg',
    { viewBox, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    area,
    line,
  );
  const values = element('span', { class: 'values' });
  const caption = element('figcaption', {}, element('span', {}, title), values);
  const root = element('figure', { class: 'chart' }, caption, picture);
  return {
    root,
    update(points, from, to) {
      const paths = chartPaths(points, { width: WIDTH, height: HEIGHT, from, to }, leastTop);
      setAttribute(line, 'd', paths.line);
      setAttribute(area, 'd', paths.area);
      const highest = points.reduce((most, { value }) => Math.max(most, value), 0);
      setText(values, words.charts.values(format(points.at(-1)?.value ?? 0), format(highest)));
    },
  };
}
