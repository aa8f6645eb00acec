import { PSEUDONYM } from './cleansing-data.ts';

/** Columns of text and the fields of events that they hold. */
const FIELDS = Object.entries({
  ...{ visitor_id: 'visitorId', user_id: 'userId', device_id: 'deviceId', order_id: 'orderId' },
  ...{ customer_id: 'customerId', service_name: 'service', name: 'name', url: 'url' },
  ...{ action: 'action', status: 'status', currency: 'currency', level: 'level' },
  ...{ message: 'message', author: 'author', lang: 'lang', text: 'text' },
});

/** The data of an event again, of its columns and the rest, with `PSEUDONYM` for each pseudonym. */
export function dataOf(row: Readonly<Record<string, unknown>>): object {
  const texts = FIELDS.flatMap(([column, field]) => {
    const value = row[column] ?? null;
    const isName = typeof value === 'string' && /^p_[\w-]{22}$/.test(value);
    return value === null ? [] : [[field, isName ? PSEUDONYM : value]];
  });
  return { ...Object.fromEntries(texts), ...JSON.parse(String(row.data ?? '{}')) };
}
