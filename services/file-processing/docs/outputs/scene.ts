/** From dawn (0) to dusk (1), and turns of the wheel. */
export interface Moment {
  readonly day: number;
  readonly turn?: number;
}

type Colour = readonly [red: number, green: number, blue: number];

/** At dawn, noon and dusk. */
const SKY: readonly Colour[] = [
  [236, 150, 160],
  [122, 190, 228],
  [88, 74, 140],
];
const HORIZON: readonly Colour[] = [
  [253, 232, 208],
  [232, 246, 251],
  [240, 150, 110],
];
const LIGHT = [0.85, 1, 0.55];

/** A water mill between hills, as an SVG. Wherever it is shown one sees which way up it is. */
export function scene(width: number, height: number, { day, turn = 0 }: Moment): string {
  const light = between(LIGHT, day);
  const ground = (colour: Colour) => rgb(colour.map((value) => value * light));
  const sky = (colours: readonly Colour[]) =>
    rgb(
      [0, 1, 2].map((channel) =>
        between(
          colours.map((colour) => colour[channel] ?? 0),
          day,
        ),
      ),
    );
  const unit = Math.min(width, height);
  const sun = {
    x: width * (0.12 + 0.76 * day),
    y: height * (0.42 - 0.3 * Math.sin(Math.PI * day)),
  };
  const spokes = Array.from(
    { length: 4 },
    (_, at) =>
      `<rect x="-100" y="-6" width="200" height="12" transform="rotate(${at * 45 + turn * 360})"/>`,
  ).join('');
  const hill = (x: number, y: number, across: number, colour: Colour) =>
    `<ellipse cx="${width * x}" cy="${height}" rx="${width * across}" ry="${height * y}" fill="${ground(colour)}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
  <defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="0.75">
    <stop offset="0" stop-color="${sky(SKY)}"/><stop offset="1" stop-color="${sky(HORIZON)}"/>
  </linearGradient></defs>
  <rect width="${width}" height="${height}" fill="url(#sky)"/>
  <circle cx="${sun.x}" cy="${sun.y}" r="${unit * 0.07}" fill="#fff6c4"/>
  ${hill(0.15, 0.52, 0.55, [128, 160, 168])}${hill(0.85, 0.46, 0.6, [104, 146, 140])}
  ${hill(0.4, 0.34, 0.9, [91, 142, 106])}
  <rect y="${height * 0.84}" width="${width}" height="${height * 0.16}" fill="${ground([78, 138, 176])}"/>
  <g transform="translate(${width * 0.5} ${height * 0.7}) scale(${unit / 620})">
    <rect x="-190" y="-110" width="170" height="200" fill="${ground([236, 224, 200])}"/>
    <path d="M-212 -104 L-105 -196 L2 -104 Z" fill="${ground([176, 84, 70])}"/>
    <rect x="-130" y="-60" width="46" height="56" fill="${ground([92, 84, 96])}"/>
    <g transform="translate(40 30)" fill="${ground([82, 58, 44])}">
      <circle r="100" fill="none" stroke="${ground([82, 58, 44])}" stroke-width="18"/>${spokes}
    </g>
  </g>
</svg>
`;
}

function between([start = 0, middle = 0, end = 0]: readonly number[], share: number): number {
  return share < 0.5
    ? start + (middle - start) * share * 2
    : middle + (end - middle) * (share * 2 - 1);
}

const rgb = (channels: readonly number[]) => `rgb(${channels.map(Math.round).join(' ')})`;
