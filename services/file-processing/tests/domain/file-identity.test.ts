import { describe, expect, it } from 'vitest';
import { fileIdentity } from '../../src/domain/file-identity.ts';

const FILE_ID = '0199f1de-7d5f-7cc0-8bd4-6a6f0a4b1a55';

it('derives the same id today as on the day when the first file was stored', () => {
  expect(fileIdentity('uploads', 'photos/cat.jpg').fileId).toBe(
    'a305d4ab-d0dd-52fd-a75e-553507a096e4',
  );
});

describe('a key', () => {
  it('of the API names tenant, file and name', () => {
    expect(fileIdentity('uploads', `acme/${FILE_ID}/사진 #1 (50%)+.jpg`)).toEqual({
      tenant: 'acme',
      fileId: FILE_ID,
      name: '사진 #1 (50%)+.jpg',
    });
  });

  it.each([
    ['without folders', 'cat.jpg', 'cat.jpg'],
    ['whose second part is no file id', 'photos/2026/cat.jpg', 'cat.jpg'],
    ['with more folders', `acme/${FILE_ID}/a/b.jpg`, 'b.jpg'],
    ['whose tenant cannot be one', `a b/${FILE_ID}/c.jpg`, 'c.jpg'],
    ['that ends in a slash', 'photos/', 'photos'],
    ['of slashes', '//', '//'],
  ])('%s is a file of the default tenant', (_case, key, name) => {
    const identity = fileIdentity('uploads', key);
    expect(identity).toMatchObject({ tenant: 'default', name });
    expect(identity.fileId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab]/);
    expect(fileIdentity('uploads', key)).toEqual(identity);
    expect(fileIdentity('elsewhere', key).fileId).not.toBe(identity.fileId);
  });
});
