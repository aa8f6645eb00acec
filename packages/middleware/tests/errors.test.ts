import { describe, expect, test } from 'vitest';
import { classify, errorCode, PermanentError, reasonOf, TransientError } from '../src/index.ts';

const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

describe('classify', () => {
  test('only what we know to be hopeless is permanent', () => {
    expect(classify(new PermanentError('bad', 'It is bad.'))).toBe('permanent');
  });
  test.each([
    new TransientError('busy', 'Try again.'),
    throttled,
    reset,
    new TypeError('x is undefined'),
    'a string',
    undefined,
  ])('everything else is retried: %s', (error) => {
    expect(classify(error)).toBe('transient');
  });
});

describe('errorCode', () => {
  test.each([
    [new PermanentError('bad', 'It is bad.'), 'bad'],
    [reset, 'ECONNRESET'],
    [throttled, 'ThrottlingException'],
    [new TypeError('x'), 'TypeError'],
    [new Error('x'), 'unexpected_error'],
    ['x', 'unexpected_error'],
  ])('%s → %s', (error, code) => {
    expect(errorCode(error)).toBe(code);
  });
});

test('the cause of an error is kept', () => {
  expect(new TransientError('busy', 'Try again.', { cause: reset }).cause).toBe(reset);
});

test('a reason names the code and never prints a thrown value', () => {
  expect(reasonOf(new PermanentError('bad', 'It is bad.'))).toEqual({
    code: 'bad',
    message: 'It is bad.',
  });
  expect(reasonOf('name@example.com').message).not.toContain('example.com');
});
