import type { Dataset } from '../src/domain/processors/table/dataset.ts';

/** What shops sold, line by line, as their tills and sheets export it. */
export const sales: Dataset = {
  name: 'sales',
  files: [/(?:^|[/_-])(?:sales|매출)[^/]*\.(?:csv|tsv|json|ndjson|jsonl)(?:\.gz|\.zst)?$/i],
  utcOffset: '+09:00',
  columns: [
    {
      ...{ name: 'order_id', type: 'string', required: true },
      ...{
        aliases: ['order', 'order no', '주문번호'],
        pattern: /^[\w-]{1,40}$/,
        maximumLength: 40,
      },
    },
    {
      ...{ name: 'sold_at', type: 'timestamp', required: true },
      aliases: ['date', 'sold on', '판매일', '판매일시', '거래일자'],
    },
    {
      ...{ name: 'sku', type: 'string', required: true, maximumLength: 64 },
      aliases: ['product', 'item', '상품코드', '품목'],
    },
    { name: 'store', type: 'string', maximumLength: 100, aliases: ['shop', '매장', '지점'] },
    {
      ...{ name: 'quantity', type: 'int64', required: true },
      ...{ aliases: ['qty', '수량'], minimum: -1_000_000, maximum: 1_000_000 },
    },
    { name: 'unit_price', type: 'double', aliases: ['price', '단가'], minimum: 0 },
    { name: 'amount', type: 'double', required: true, aliases: ['total', '금액', '판매금액'] },
    {
      ...{
        name: 'channel',
        type: 'string',
        values: ['store', 'web', 'app', '매장', '온라인', '앱'],
      },
      aliases: ['판매채널', '채널'],
    },
    { name: 'cancelled', type: 'boolean', aliases: ['canceled', '취소', '취소여부'] },
  ],
  // A cancelled sale is told of by a line of its own, with a negative amount.
  keep: ({ cancelled, quantity }) => cancelled !== true && quantity !== 0n,
};
