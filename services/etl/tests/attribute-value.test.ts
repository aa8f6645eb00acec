import { describe, expect, it } from 'vitest';
import { imageToJson, imageToPlain } from '../src/domain/attribute-value.ts';

describe('an item as JSON text', () => {
  it('keeps numbers to the last of their 38 digits', () => {
    const digits = '-1234567890123456789012345678.0123456789';
    expect(imageToJson({ total: { N: digits } })).toBe(`{"total":${digits}}`);
  });

  it('is the same whatever the order of names and sets', () => {
    const a = imageToJson({ b: { SS: ['y', 'x'] }, a: { NS: ['2', '10'] } });
    const b = imageToJson({ a: { NS: ['10', '2'] }, b: { SS: ['x', 'y'] } });
    expect(a).toBe(b);
    expect(JSON.parse(a)).toEqual({ a: [10, 2], b: ['x', 'y'] });
  });

  it('holds every type of value', () => {
    const text = imageToJson({
      binary: { B: '/+8=' },
      flag: { BOOL: false },
      list: { L: [{ S: '사진 "1"\n' }, { NULL: true }] },
      map: { M: { deep: { N: '0.1' } } },
      blobs: { BS: ['AQ=='] },
    });
    expect(JSON.parse(text)).toEqual({
      binary: '/+8=',
      blobs: ['AQ=='],
      flag: false,
      list: ['사진 "1"\n', null],
      map: { deep: 0.1 },
    });
  });

  it('is JSON even where an engine writes a number as JSON does not', () => {
    expect(JSON.parse(imageToJson({ n: { N: '+5' } }))).toEqual({ n: '+5' });
  });
});

it('plain values are what validation expects', () => {
  expect(imageToPlain({ n: { N: '5' }, l: { L: [{ N: '1' }] }, nothing: { NULL: true } })).toEqual({
    n: 5,
    l: [1],
    nothing: null,
  });
});
