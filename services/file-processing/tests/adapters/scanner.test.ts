import { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { scannerFrom } from '../../src/adapters/scanner.ts';
import { memoryUpload } from '../model/bench.ts';
import { EICAR, startClamd } from '../model/clamd.ts';

const ports = { s3: new S3Client({}) };

it('looks for nothing unless told to', async () => {
  const upload = memoryUpload(EICAR);
  expect(await scannerFrom({}, ports).scan(upload)).toEqual({ kind: 'clean' });
  expect(await scannerFrom({ SCANNER: 'none' }, ports).scan(upload)).toEqual({ kind: 'clean' });
});

it('asks clamd at its address, up to its limit', async () => {
  await using clamd = await startClamd();
  const config = { SCANNER: 'clamd', CLAMD_ADDRESS: clamd.address } as const;
  expect(await scannerFrom(config, ports).scan(memoryUpload(EICAR))).toMatchObject({
    kind: 'infected',
  });
  const limited = scannerFrom({ ...config, CLAMD_MAX_BYTES: 67 }, ports);
  expect(await limited.scan(memoryUpload(EICAR))).toMatchObject({ kind: 'unscannable' });
});

it('does not start with clamd somewhere', () => {
  expect(() => scannerFrom({ SCANNER: 'clamd' }, ports)).toThrow(/CLAMD_ADDRESS/);
});
