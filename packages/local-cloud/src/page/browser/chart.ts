export interface ChartArea {
  readonly width: number;
  readonly height: number;
  /** The instants at the left and the right edge. */
  readonly from: number;
  readonly to: number;
}

export interface ChartPoint {
  readonly at: number;
  readonly value: number;
}

export interface ChartPaths {
  readonly line: string;
  readonly area: string;
  /** The value at the upper edge. */
  readonly top: number;
}

/**
 * The paths of a small chart over time.
 * @param leastTop the upper edge is never below this value: a flat line is not blown up
 */
export function chartPaths(
  points: readonly ChartPoint[],
  { width, height, from, to }: ChartArea,
  leastTop: number,
): ChartPaths {
  const shown = points.filter(({ at }) => at >= from && at <= to);
  const top = shown.reduce((highest, { value }) => Math.max(highest, value), leastTop);
  if (shown.length < 2) return { line: '', area: '', top };
  const x = (at: number) => (((at - from) / (to - from)) * width).toFixed(1);
  const y = (value: number) => (height - (value / top) * height).toFixed(1);
  const line = shown.map(({ at, value }) => `${x(at)} ${y(value)}`).join('L');
  const first = x(shown[0]?.at ?? from);
  const last = x(shown.at(-1)?.at ?? to);
  return { line: `M${line}`, area: `M${first} ${height}L${line}L${last} ${height}Z`, top };
}
