import { parquetRows } from '../../tests/model/parquet-rows.ts';
import { CODE, decode, decodeLines, heightOf, MUTED, sourceOf } from './captions.ts';
import { make, PROCESSORS } from './make.ts';
import { box, COLOURS, LINE_HEIGHT, lines, PAD, type Row, text } from './page.ts';
import { sampleDocument, sampleLog, sampleTable } from './samples.ts';

const BOLD = { isBold: true } as const;

export async function documentRow(): Promise<Row> {
  const sample = sampleDocument();
  const { facts, stored } = await make(PROCESSORS.document, sample);
  const { title, language, words, characters } = facts.document ?? {};
  const found = decode(stored('text.txt')).trimEnd().split('\n');
  return {
    height: heightOf(7),
    before: sourceOf('Document', sample, 7),
    after: {
      content: `${lines(PAD, 58, ['title', 'language', 'length'], MUTED)}
        ${lines(160, 58, [`${title}`, `${language}`, `${words} words, ${characters} characters`], BOLD)}
        ${text(PAD, 168, 'text.txt, found by GET /search?q=결제', MUTED)}
        ${lines(PAD, 208, found)}`,
    },
  };
}

export async function logRow(): Promise<Row> {
  const sample = sampleLog();
  const { facts, stored } = await make(PROCESSORS.log, sample);
  const { byStatus = {}, topPaths = [], lines: all, unknownLines, errorLines } = facts.log ?? {};
  const most = Math.max(...Object.values(byStatus));
  const bars = Object.entries(byStatus).map(([status, count], at) => {
    const y = 84 + at * LINE_HEIGHT;
    const colour = status < '400' ? COLOURS.green : COLOURS.red;
    const width = Math.max(3, (count / most) * 260);
    return `${text(PAD, y, status)}${box(84, y - 18, width, 22, colour, 3)}${text(100 + width, y, `${count}`)}`;
  });
  const paths = topPaths.slice(0, 4).map(({ path, lines: count }, at) => {
    const y = 84 + at * LINE_HEIGHT;
    return text(560, y, path) + text(680, y, `${count}`);
  });
  const [unknown] = decodeLines(stored('unknown.ndjson'));
  const [error] = decodeLines(stored('errors.ndjson'));
  return {
    height: heightOf(8),
    before: sourceOf('Log', sample, 8),
    after: {
      content: `${text(PAD, 50, `${all} lines by status`, BOLD)}${bars.join('')}
        ${text(560, 50, 'and by path', BOLD)}${paths.join('')}
        ${text(PAD, 244, `rows.parquet in the lake’s logs-combined; ${errorLines} errors, a sample in errors.ndjson:`, MUTED)}
        ${text(PAD, 280, JSON.stringify(error), CODE)}
        ${text(PAD, 324, `${unknownLines} unknown line in unknown.ndjson:`, MUTED)}
        ${text(PAD, 360, JSON.stringify(unknown), { ...CODE, colour: COLOURS.red })}`,
      fades: true,
    },
  };
}

/** Of the dataset's columns those that fit the page, and where they stand. */
const COLUMNS = [
  ['order_id', PAD],
  ['sold_at', 150],
  ['sku', 424],
  ['store', 530],
  ['quantity', 630],
  ['amount', 762],
] as const;

export async function tableRow(): Promise<Row> {
  const sample = sampleTable();
  const { facts, stored } = await make(PROCESSORS.table, sample);
  const { rowsIn, rowsOut, rowsFiltered, rowsRejected, dataset } = facts.table ?? {};
  const { columns, rows } = await parquetRows(stored(`dataset-${dataset}`));
  const cells = COLUMNS.map(([name, x]) => {
    const index = columns.findIndex((column) => column.name === name);
    const values = rows.map((row) => shown(row[index]));
    return text(x, 92, name, MUTED) + lines(x, 128, values);
  });
  const [{ line, reasons, raw }] = decodeLines(stored('rejects.ndjson'));
  const counts = `${rowsIn} rows: ${rowsOut} in the lake, ${rowsFiltered} cancelled and left out, ${rowsRejected} rejected`;
  return {
    height: heightOf(6) + 8,
    before: sourceOf('Table of data', sample, 6),
    after: {
      content: `${text(PAD, 50, counts, BOLD)}${cells.join('')}
        ${text(PAD, 236, `rows.parquet in the lake’s dataset-${dataset}; rejects.ndjson:`, MUTED)}
        ${box(PAD, 250, 4, 64, COLOURS.red)}
        ${text(48, 272, `line ${line}, ${reasons[0].code}: ${reasons[0].message}`, { colour: COLOURS.red })}
        ${text(48, 306, raw, CODE)}`,
    },
  };
}

const shown = (value: unknown) =>
  value instanceof Date ? value.toISOString().replace('.000', '') : `${value}`;
