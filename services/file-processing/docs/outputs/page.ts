import sharp from 'sharp';

export const COLOURS = {
  text: '#1f2328',
  muted: '#59636e',
  line: '#d0d7de',
  panel: '#f6f8fa',
  red: '#cf222e',
  green: '#1a7f37',
} as const;

export interface TextStyle {
  readonly size?: number;
  readonly colour?: string;
  readonly isBold?: boolean;
  readonly isCode?: boolean;
}

/** One line of text; `y` is its base line. */
export function text(
  x: number,
  y: number,
  content: string,
  { size = 22, colour = COLOURS.text, isBold = false, isCode = false }: TextStyle = {},
): string {
  const font = isCode ? 'Noto Sans Mono CJK KR' : 'Noto Sans CJK KR';
  const weight = isBold ? 'bold' : 'normal';
  return `<text x="${x}" y="${y}" font-family="${font}" font-size="${size}" font-weight="${weight}" fill="${colour}" xml:space="preserve">${escaped(content)}</text>`;
}

export const LINE_HEIGHT = 32;

/** Lines under each other; `y` is the base line of the first. */
export function lines(
  x: number,
  y: number,
  contents: readonly string[],
  style: TextStyle = {},
): string {
  return contents.map((line, at) => text(x, y + at * LINE_HEIGHT, line, style)).join('');
}

export function box(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  radius = 0,
): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" fill="${fill}"/>`;
}

/** Any picture that sharp reads, in this size. */
export async function picture(
  bytes: Uint8Array,
  x: number,
  y: number,
  width: number,
  height: number,
  { isTurned = true, blur = 0, page = 0 } = {},
): Promise<string> {
  const turned = isTurned ? sharp(bytes, { page }).autoOrient() : sharp(bytes);
  const resized = turned.resize(Math.round(width), Math.round(height), { fit: 'fill' });
  const png = await (blur > 0 ? resized.blur(blur) : resized).png().toBuffer();
  return `<image x="${x}" y="${y}" width="${width}" height="${height}" href="data:image/png;base64,${png.toString('base64')}"/>`;
}

/** What goes in or what comes out; whatever is wider or higher is cut off. */
export interface Panel {
  readonly content: string;
  /** Lines that are too long end in this fade, rather than in the middle of a letter. */
  readonly fades?: boolean;
}

export interface Row {
  readonly height: number;
  readonly before: Panel;
  readonly after: Panel;
}

/** Of a panel. */
export const PAD = 28;

const BEFORE_WIDTH = 470;
const AFTER_WIDTH = 980;
const WIDTH = 1600;
const MARGIN = 40;
const ARROW_WIDTH = WIDTH - 2 * MARGIN - BEFORE_WIDTH - AFTER_WIDTH;
const HEAD = 84;
const GAP = 24;

/** The rows below each other, as a PNG of few colours. */
export async function drawPage(rows: readonly Row[]): Promise<Buffer> {
  let y = HEAD;
  const drawn = rows.map((row) => {
    const svg = drawRow(row, y);
    y += row.height + GAP;
    return svg;
  });
  const afterX = MARGIN + BEFORE_WIDTH + ARROW_WIDTH;
  const head = { size: 30, isBold: true };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y - GAP + MARGIN}">
    <defs><linearGradient id="fade"><stop offset="0" stop-color="${COLOURS.panel}" stop-opacity="0"/><stop offset="0.8" stop-color="${COLOURS.panel}"/></linearGradient></defs>
    ${box(0, 0, WIDTH, y - GAP + MARGIN, 'white')}
    ${text(MARGIN, 56, 'What is uploaded', head)}${text(afterX, 56, 'What comes out', head)}
    ${drawn.join('')}
  </svg>`;
  return sharp(Buffer.from(svg), { unlimited: true })
    .png({ palette: true, colours: 256, effort: 10, dither: 0.5 })
    .toBuffer();
}

function drawRow({ height, before, after }: Row, y: number): string {
  const middle = y + height / 2;
  const afterX = MARGIN + BEFORE_WIDTH + ARROW_WIDTH;
  const from = MARGIN + BEFORE_WIDTH + 16;
  return `${drawPanel(before, MARGIN, y, BEFORE_WIDTH, height)}
    <path d="M${from} ${middle} h${ARROW_WIDTH - 34} m-12 -10 l12 10 l-12 10" fill="none" stroke="${COLOURS.muted}" stroke-width="3"/>
    ${drawPanel(after, afterX, y, AFTER_WIDTH, height)}`;
}

function drawPanel(
  { content, fades = false }: Panel,
  x: number,
  y: number,
  width: number,
  height: number,
): string {
  const fade = fades ? box(width - 66, 2, 64, height - 4, 'url(#fade)', 10) : '';
  return `<svg x="${x}" y="${y}" width="${width}" height="${height}">
    ${box(1, 1, width - 2, height - 2, COLOURS.panel, 12)}${content}${fade}
    <rect x="1" y="1" width="${width - 2}" height="${height - 2}" rx="12" fill="none" stroke="${COLOURS.line}" stroke-width="2"/>
  </svg>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (content: string) => content.replace(/[&<>]/g, (sign) => ENTITIES[sign] ?? '');
