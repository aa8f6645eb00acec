import { describe, expect, it } from 'vitest';
import { createRecordFilter } from '../../src/triggers/filters/event-filter.ts';
import { compilePattern } from '../../src/triggers/filters/pattern.ts';

describe('filter pattern operators', () => {
  it.each<[string, unknown, unknown, boolean]>([
    ['exact text', { a: ['x'] }, { a: 'x' }, true],
    ['exact text, another value', { a: ['x'] }, { a: 'y' }, false],
    ['exact number', { a: [1] }, { a: 1 }, true],
    ['a number is not its text', { a: [1] }, { a: '1' }, false],
    ['null', { a: [null] }, { a: null }, true],
    ['null does not match what is absent', { a: [null] }, {}, false],
    ['empty text', { a: [''] }, { a: '' }, true],
    ['one of several', { a: ['x', 'y'] }, { a: 'y' }, true],
    ['all fields', { a: ['x'], b: ['y'] }, { a: 'x', b: 'z' }, false],
    ['nested', { a: { b: ['x'] } }, { a: { b: 'x' } }, true],
    ['any element of a list', { a: ['x'] }, { a: ['w', 'x'] }, true],
    ['prefix', { a: [{ prefix: 'or' }] }, { a: 'order' }, true],
    ['prefix of something else', { a: [{ prefix: 'or' }] }, { a: 7 }, false],
    ['suffix', { a: [{ suffix: '.png' }] }, { a: 'x.png' }, true],
    ['equals-ignore-case', { a: [{ 'equals-ignore-case': 'ABC' }] }, { a: 'aBc' }, true],
    ['anything-but', { a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'z' }, true],
    ['anything-but what it is', { a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'y' }, false],
    ['anything-but a prefix', { a: [{ 'anything-but': { prefix: 'x' } }] }, { a: 'xy' }, false],
    ['anything-but needs a value', { a: [{ 'anything-but': 'x' }] }, {}, false],
    ['numeric range', { a: [{ numeric: ['>', 1, '<=', 5] }] }, { a: 5 }, true],
    ['out of a numeric range', { a: [{ numeric: ['>', 1, '<=', 5] }] }, { a: 1 }, false],
    ['numeric equality', { a: [{ numeric: ['=', 5] }] }, { a: 5 }, true],
    ['numeric never matches text', { a: [{ numeric: ['=', 5] }] }, { a: '5' }, false],
    ['exists', { a: [{ exists: true }] }, { a: null }, true],
    ['exists: false', { a: [{ exists: false }] }, { b: 1 }, true],
    ['exists: false for what is there', { a: [{ exists: false }] }, { a: 1 }, false],
    ['$or', { $or: [{ a: ['x'] }, { b: ['y'] }] }, { a: 'w', b: 'y' }, true],
    ['$or beside a field', { c: [1], $or: [{ a: ['x'] }, { b: ['y'] }] }, { c: 2, b: 'y' }, false],
  ])('%s', (_, pattern, document, expected) => {
    expect(compilePattern(pattern)(document)).toBe(expected);
    expect(compilePattern(JSON.stringify(pattern))(document)).toBe(expected);
  });

  it.each([
    ['a bare value', { a: 'x' }],
    ['an unknown operator', { a: [{ like: 'x' }] }],
    ['a numeric condition without a number', { a: [{ numeric: ['>'] }] }],
    ['text that is no JSON', '{'],
  ])('refuses %s', (_, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(
      expect.objectContaining({ code: 'FILTER_PATTERN_INVALID' }),
    );
  });
});

describe('what patterns look at', () => {
  const kinesis = (text: string) => ({
    kinesis: { partitionKey: 'p', data: Buffer.from(text).toString('base64') },
  });

  it('decodes Kinesis data, and drops what is not JSON where the pattern is', () => {
    const passes = createRecordFilter('kinesis', [{ data: { type: ['order'] } }]);
    expect(passes(kinesis('{"type":"order"}'))).toBe(true);
    expect(passes(kinesis('{"type":"click"}'))).toBe(false);
    expect(passes(kinesis('order'))).toBe(false);
  });

  it('drops what is not JSON, also where the pattern wants a field not to be there', () => {
    const kinesisFilter = createRecordFilter('kinesis', [{ data: { type: [{ exists: false }] } }]);
    expect(kinesisFilter(kinesis('{}'))).toBe(true);
    expect(kinesisFilter(kinesis('order'))).toBe(false);
    const sqsFilter = createRecordFilter('sqs', ['{"body":{"type":[{"exists":false}]}}']);
    expect(sqsFilter({ body: '{}' })).toBe(true);
    expect(sqsFilter({ body: 'order' })).toBe(false);
    // A pattern that says nothing of the content does not ask what it is.
    const byKey = createRecordFilter('kinesis', [{ partitionKey: ['p'] }]);
    expect(byKey(kinesis('order'))).toBe(true);
  });

  it('compares plain text with a plain text pattern, and drops JSON then', () => {
    const passes = createRecordFilter('kinesis', [{ data: ['order'] }]);
    expect(passes(kinesis('order'))).toBe(true);
    expect(passes(kinesis('{"type":"order"}'))).toBe(false);
  });

  it('takes a DynamoDB record as it is', () => {
    const pattern = { eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['a'] } } } };
    const passes = createRecordFilter('dynamodb', [pattern]);
    expect(passes({ eventName: 'INSERT', dynamodb: { NewImage: { kind: { S: 'a' } } } })).toBe(
      true,
    );
    expect(passes({ eventName: 'REMOVE', dynamodb: { OldImage: { kind: { S: 'a' } } } })).toBe(
      false,
    );
  });

  it('lets a record pass that any of the patterns matches, and every record without patterns', () => {
    const passes = createRecordFilter('sqs', [{ body: { a: [1] } }, { body: { a: [2] } }]);
    expect(passes({ body: '{"a":2}' })).toBe(true);
    expect(passes({ body: '{"a":3}' })).toBe(false);
    expect(createRecordFilter('sqs', [])({ body: 'x' })).toBe(true);
  });
});
