import { expect, it } from 'vitest';
import { kinds } from '../../src/domain/kinds.ts';
import { takeSample } from '../../src/domain/take-sample.ts';

async function kindOf(text: string, name: string): Promise<string | undefined> {
  const bytes = Buffer.from(text);
  const sample = await takeSample(bytes, { name, size: bytes.length });
  return kinds.find((kind) => kind.recognize(sample) !== undefined)?.name;
}

it.each([
  ['BMI,weight\n21,60\n', 'people.csv', 'table'],
  ['ID3,name\n1,one\n2,two\n', 'songs.csv', 'table'],
  ['The wide river turns the wheel.\n', 'river.txt', 'document'],
  ['The free mill\n\nIs open on Sundays.\n', 'mill.txt', 'document'],
  ['MM*, the memory manager, and II*, its twin\n', 'notes.txt', 'document'],
  ['GIF87a and GIF89a are the two versions.\n', 'gif.txt', 'document'],
  ['OggS, RIFF and fLaC begin sounds.\n', 'sounds.txt', 'document'],
])(
  '%j is a text, though it begins like a picture, a sound or a video',
  async (text, name, kind) => {
    expect(await kindOf(text, name)).toBe(kind);
  },
);
