import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fileIdentity } from '../../src/domain/file-identity.ts';
import type { ObjectChange, UploadedVersion } from '../../src/domain/object-change.ts';
import { processUpload } from '../../src/domain/process-upload.ts';
import type { Processor } from '../../src/domain/processors/processor.ts';
import { removeDerived } from '../../src/domain/remove-derived.ts';
import { memoryCloud, type Wire } from '../model/memory-cloud.ts';
import { noise } from '../model/pictures.ts';
import { traffic } from '../model/traffic.ts';

const KEY = 'photos/cat.jpg';
const FILE = fileIdentity('uploads', KEY);

/** What is uploaded, one after the other, to the same key. */
const contents: Record<string, Uint8Array> = { text: Buffer.from('no picture at all') };
beforeAll(async () => {
  contents.small = await noise(12, 8);
  contents.other = await noise(9, 9);
});

type Cloud = ReturnType<typeof memoryCloud>;
type Event = UploadedVersion | ObjectChange;
const isWritten = (event: Event): event is UploadedVersion => 'eTag' in event;

function deliver(event: Event, { ports }: Cloud): Promise<unknown> {
  return isWritten(event) ? processUpload(event, ports) : removeDerived(event, ports);
}

function upload(operations: readonly string[], cloud: Cloud): Event[] {
  return operations.map((operation) => {
    const bytes = contents[operation];
    return bytes ? cloud.put(KEY, bytes) : cloud.delete(KEY);
  });
}

/** Exactly what the last operation leaves: the verdict on it and what was made of it, nothing else. */
function expectOneResult(cloud: Cloud, last: Event, operation: string) {
  const [item, ...others] = cloud.items.values();
  const made = [...cloud.media.keys()].sort();
  expect(others).toEqual([]);
  const below = `default/${FILE.fileId}/${last.sequencer}`;
  if (operation === 'delete') {
    expect({ item, made }).toEqual({ item: undefined, made: [] });
  } else if (operation === 'text') {
    expect(item).toMatchObject({ status: 'rejected', reason: { code: 'unsupported_type' } });
    expect(item).not.toHaveProperty('renditions');
    expect(made).toEqual([`${below}/original`]);
  } else {
    const width = operation === 'small' ? 12 : 9;
    expect(item).toMatchObject({ status: 'ready', sequencer: last.order, image: { width } });
    expect(item?.renditions).toMatchObject([{ key: `${below}/w200.webp`, width }]);
    expect(made).toEqual([`${below}/w200.webp`]);
  }
}

/** Answers before the next request arrives, as sharp would not: else all uploads would overtake it. */
const instantPictures: Processor = {
  accepts: 'pictures',
  mediaTypes: ['image/jpeg'],
  maxBytes: 1024 ** 2,
  process: async (bytes) => {
    const width = Buffer.from(bytes).equals(contents.small ?? bytes) ? 12 : 9;
    const rendition = { name: 'w200', extension: 'webp', contentType: 'image/webp', bytes };
    const image = { format: 'jpeg', width, height: 1 };
    return { kind: 'processed', image, renditions: [{ ...rendition, width, height: 1 }] };
  },
};
const operations = fc.array(fc.constantFrom('small', 'other', 'text', 'delete'), {
  minLength: 1,
  maxLength: 5,
});
const fault = fc.constantFrom('none', 'none', 'none', 'refused', 'answer lost');
const faults = fc.array(fault, { maxLength: 40 });

describe('one correct result per version', () => {
  it('whatever comes twice, late, together, or dies between any two lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        operations,
        faults,
        fc.infiniteStream(fc.nat()),
        async (planned, plannedFaults, chance) => {
          const draw = () => chance.next().value;
          const { arrival, flowUntil } = traffic(draw);
          const drawn = plannedFaults.values();
          const wire: Wire = async (_name, request) => {
            await arrival();
            const next = drawn.next().value ?? 'none';
            if (next === 'refused') throw new Error('refused');
            const answer = await request();
            if (next === 'answer lost') throw new Error('answer lost');
            return answer;
          };
          const cloud = memoryCloud(wire, [instantPictures]);
          // As Lambda: what failed comes again.
          const deliverUntilDone = async (event: Event): Promise<unknown> => {
            try {
              return await deliver(event, cloud);
            } catch {
              return await deliverUntilDone(event);
            }
          };

          // Each event comes twice, side by side with the uploads that follow it.
          const events: Event[] = [];
          const deliveries: Promise<unknown>[] = [];
          const uploading = async () => {
            for (const operation of planned) {
              for (let pause = draw() % 12; pause > 0; pause -= 1) await arrival();
              for (const event of upload([operation], cloud)) {
                events.push(event);
                deliveries.push(deliverUntilDone(event), deliverUntilDone(event));
              }
            }
            await Promise.all(deliveries);
          };
          await flowUntil(uploading());
          const last = events.at(-1);
          if (last) expectOneResult(cloud, last, planned.at(-1) ?? '');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('when a version is overtaken while its renditions are written, and dies then', async () => {
    let newer: UploadedVersion | undefined;
    let isDying = true;
    const cloud: Cloud = memoryCloud(async (name, request) => {
      if (name === 'store' && !newer) {
        newer = cloud.put(KEY, contents.other ?? new Uint8Array());
        await deliver(newer, cloud);
      } else if (name === 'complete' && newer && cloud.media.size > 1 && isDying) {
        isDying = false;
        throw new Error('killed');
      }
      return request();
    });
    const older = cloud.put(KEY, contents.small ?? new Uint8Array());
    await expect(deliver(older, cloud)).rejects.toThrow('killed');
    expect(cloud.media.size).toBe(2);
    expect(await deliver(older, cloud)).toBe('superseded');
    expectOneResult(cloud, newer ?? older, 'other');
  });

  it('when the event of an older version comes after the removal', async () => {
    const cloud = memoryCloud();
    const [created, removed] = upload(['small', 'delete'], cloud);
    if (!created || !removed) throw new Error('two events');
    await deliver(removed, cloud);
    expect(await deliver(created, cloud)).toBe('superseded');
    expectOneResult(cloud, removed, 'delete');
  });

  it('and a duplicate does no work again', async () => {
    const requests: string[] = [];
    const cloud = memoryCloud(async (name, request) => {
      requests.push(name);
      return request();
    });
    const [created] = upload(['small'], cloud);
    if (!created) throw new Error('one event');
    expect(await deliver(created, cloud)).toBe('ready');
    requests.length = 0;
    expect(await deliver(created, cloud)).toBe('duplicate');
    expect(requests).toEqual(['claim']);
  });
});

describe('a file is judged by its bytes', () => {
  const judged = async (bytes: Uint8Array) => {
    const cloud = memoryCloud();
    await processUpload(cloud.put(KEY, bytes), cloud.ports);
    return [...cloud.items.values()][0];
  };

  it('and what it is said to be is kept beside it', async () => {
    const { default: sharp } = await import('sharp');
    const png = await sharp(await noise(5, 5))
      .png()
      .toBuffer();
    expect(await judged(png)).toMatchObject({
      status: 'ready',
      declaredType: 'image/jpeg',
      detectedType: 'image/png',
      typeMismatch: true,
    });
    const jpeg = await judged(await noise(5, 5));
    expect(jpeg).toMatchObject({ status: 'ready', detectedType: 'image/jpeg' });
    expect(jpeg).not.toHaveProperty('typeMismatch');
  });

  it.each([
    ['empty', new Uint8Array(), 'empty_file', ''],
    ['one byte', Buffer.from([0xff]), 'unsupported_type', 'unknown'],
    ['text', Buffer.from('hello\n'.repeat(1000)), 'unsupported_type', 'JPEG, PNG, WebP'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'unsupported_type', 'application/pdf'],
  ])('and rejected with a reason when it is %s', async (_case, bytes, code, words) => {
    const item = await judged(bytes);
    expect(item).toMatchObject({ status: 'rejected', reason: { code } });
    expect(item?.reason?.message).toContain(words);
  });

  it('and rejected unread when it is too large', async () => {
    const picture = await noise(4, 4);
    const huge = Buffer.concat([picture, Buffer.alloc(50 * 1024 * 1024)]);
    expect(await judged(huge)).toMatchObject({ reason: { code: 'too_large' } });
  });
});
