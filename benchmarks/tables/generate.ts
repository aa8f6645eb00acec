export const HEADER =
  'order_id,sold_at,sku,store,quantity,unit_price,amount,channel,cancelled,note'.split(',');
const STORES = ['강남점', '부산점', '제주점', 'Seoul Station', 'Incheon'];
const CHANNELS = ['store', 'web', 'app'];
const CHUNK_ROWS = 500;
const START = Date.UTC(2026, 0, 1);

/** Sales of ten columns, the same in every run, made as they are read; about 100 bytes a row. */
export async function* generate(rows: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${HEADER.join(',')}\n`);
  for (let from = 0; from < rows; from += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows - from);
    yield Buffer.from(Array.from({ length: count }, (_, index) => row(from + index)).join(''));
  }
}

function row(number: number): string {
  // Numbers that look like chance and are the same in every run.
  const noise = Math.imul(number ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  const quantity = 1 + (noise % 9);
  const price = ((noise >>> 4) % 100_000) / 100;
  const values = [
    `A-${number}`,
    new Date(START + number * 1000).toISOString(),
    `P-${(noise >>> 3) % 5000}`,
    STORES[noise % STORES.length],
    quantity,
    price.toFixed(2),
    (quantity * price).toFixed(2),
    CHANNELS[noise % CHANNELS.length],
    noise % 100 === 0,
    noise % 10 === 0 ? `"left at the door, paid ${noise}"` : '',
  ];
  return `${values.join(',')}\n`;
}
