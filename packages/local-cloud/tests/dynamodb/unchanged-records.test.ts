import { expect, it } from 'vitest';
import { withoutUnchanged } from '../../src/dynamodb/unchanged-records.ts';

const record = (eventName: string, NewImage: unknown, OldImage?: unknown) => ({
  eventName,
  dynamodb: { NewImage, ...(OldImage === undefined ? {} : { OldImage }) },
});
const image = (n: number) => ({ id: { S: 'a' }, n: { N: String(n) } });
const answer = (...Records: unknown[]) =>
  Buffer.from(JSON.stringify({ NextShardIterator: 'next', Records }));

it('drops the records of writes that left their item as it was, and keeps the rest in order', () => {
  const kept = [record('INSERT', image(1)), record('MODIFY', image(2), image(1))];
  const reordered = { n: { N: '2' }, id: { S: 'a' } };
  const page = answer(...kept, record('MODIFY', reordered, image(2)));
  expect(withoutUnchanged(page).toString()).toBe(answer(...kept).toString());
});

it.each([
  ['without changes', answer(record('INSERT', image(1)))],
  ['of changes only', answer(record('MODIFY', image(2), image(1)))],
  ['without both images', answer(record('MODIFY', image(2)), record('MODIFY', image(2)))],
  ['that is a refusal', Buffer.from('{"__type":"TrimmedDataAccessException"}')],
])('leaves a page %s as it is', (_, page) => {
  expect(withoutUnchanged(page)).toBe(page);
});
