import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fileIdentity } from '../../src/domain/file-identity.ts';
import type { Kind } from '../../src/domain/kind.ts';
import { kinds } from '../../src/domain/kinds.ts';
import type { ObjectChange, UploadedVersion } from '../../src/domain/object-change.ts';
import type { Processor } from '../../src/domain/processor.ts';
import { removeDerived } from '../../src/domain/remove-derived.ts';
import { routeUpload } from '../../src/domain/route-upload.ts';
import { workOnUpload } from '../../src/domain/work-on-upload.ts';
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

/** Answers before the next request arrives, as sharp would not: else all uploads would overtake it. */
const instantPictures: Processor = {
  async process(upload, bench) {
    const bytes = await buffer(upload.read());
    const width = Buffer.from(bytes).equals(contents.small ?? bytes) ? 12 : 9;
    const rendition = { name: 'w200', extension: 'webp', contentType: 'image/webp' };
    await bench.progress(50);
    const stored = await bench.store({ ...rendition, width, height: 1, body: bytes });
    const image = { format: 'jpeg', width, height: 1 };
    return { kind: 'processed', facts: { image }, renditions: [stored] };
  },
};
const pictures: Kind = {
  ...{ name: 'image', version: 1, accepts: 'pictures', maxBytes: 1024 ** 2 },
  recognize: ({ signature }) => (signature === 'image/jpeg' ? signature : undefined),
};

function deliver(event: Event, { ports }: Cloud): Promise<unknown> {
  const routing = { ...ports, kinds: [pictures] };
  return isWritten(event) ? routeUpload(event, routing) : removeDerived(event, ports);
}

type Message = Cloud['queued'][number];

function deliverWork({ messageId, work }: Message, { ports }: Cloud, now: () => number) {
  const shift = {
    worker: messageId,
    onBeat: () => {},
    deadline: new AbortController().signal,
    now,
  };
  const working = {
    ...ports,
    ...{ kind: pictures, processor: instantPictures, unscannable: 'reject' as const },
    scanner: { scan: async () => ({ kind: 'clean' as const }) },
  };
  return workOnUpload(work, shift, working);
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
    expect(made).toEqual([`${below}/search`, `${below}/w200.webp`]);
  }
}

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
          let time = 0;
          const now = () => time;
          const cloud = memoryCloud(wire, now);
          // As Lambda and SQS: what failed comes again, later.
          const untilDone = async (attempt: () => Promise<unknown>): Promise<void> => {
            try {
              await attempt();
            } catch {
              time += 15_000;
              await untilDone(attempt);
            }
          };
          /** Each message comes twice, some of them side by side. */
          const working = async () => {
            for (let message = cloud.queued.shift(); message; message = cloud.queued.shift()) {
              const attempt = () => deliverWork(message, cloud, now);
              await Promise.all([untilDone(attempt), untilDone(attempt)]);
            }
          };
          const untilWorkedOff = async (event: Event) => {
            await untilDone(() => deliver(event, cloud));
            await working();
          };

          // Each event comes twice, side by side with the uploads that follow it.
          const events: Event[] = [];
          const deliveries: Promise<unknown>[] = [];
          const uploading = async () => {
            for (const operation of planned) {
              for (let pause = draw() % 12; pause > 0; pause -= 1) await arrival();
              for (const event of upload([operation], cloud)) {
                events.push(event);
                deliveries.push(untilWorkedOff(event), untilWorkedOff(event));
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
    let time = 0;
    const now = () => time;
    const cloud: Cloud = memoryCloud(async (name, request) => {
      if (name === 'store' && !newer) {
        newer = cloud.put(KEY, contents.other ?? new Uint8Array());
        await deliver(newer, cloud);
        const [message] = cloud.queued.splice(0);
        if (message) await deliverWork(message, cloud, now);
      } else if (name === 'remove derived' && newer && cloud.media.size > 2 && isDying) {
        isDying = false;
        throw new Error('killed');
      }
      return request();
    }, now);
    const older = cloud.put(KEY, contents.small ?? new Uint8Array());
    await deliver(older, cloud);
    const [message] = cloud.queued.splice(0);
    if (!message) throw new Error('no work');
    await expect(deliverWork(message, cloud, now)).rejects.toThrow('killed');
    expect(cloud.media.size).toBe(3);
    time += 60_000;
    expect(await deliverWork(message, cloud, now)).toBe('superseded');
    expectOneResult(cloud, newer ?? older, 'other');
  });

  it.each(['while it works', 'when it is done'])(
    'when the lease of a worker runs out, who notices %s that another has finished',
    async (moment) => {
      let time = 1;
      const now = () => time;
      let isOvertaken = false;
      const at = moment === 'while it works' ? 'renew' : 'store';
      const cloud: Cloud = memoryCloud(async (name, request) => {
        if (name !== at || isOvertaken) return request();
        isOvertaken = true;
        time += 60_000;
        const [other] = cloud.queued;
        if (!other) throw new Error('no second message');
        expect(await deliverWork(other, cloud, now)).toBe('ready');
        return request();
      }, now);
      const event = cloud.put(KEY, contents.small ?? new Uint8Array());
      await deliver(event, cloud);
      const [message] = cloud.queued;
      if (!message) throw new Error('no work');
      cloud.queued[0] = { ...message, messageId: 'twin' };
      expect(await deliverWork(message, cloud, now)).toBe('duplicate');
      expectOneResult(cloud, event, 'small');
    },
  );

  it('at once where an attempt failed: it gives its lease back', async () => {
    let isDown = true;
    const cloud: Cloud = memoryCloud(async (name, request) => {
      if (name === 'store' && isDown) {
        isDown = false;
        throw new Error('down');
      }
      return request();
    });
    const event = cloud.put(KEY, contents.small ?? new Uint8Array());
    await deliver(event, cloud);
    const [message] = cloud.queued;
    if (!message) throw new Error('no work');
    await expect(deliverWork(message, cloud, () => 0)).rejects.toThrow('down');
    expect(await deliverWork(message, cloud, () => 0)).toBe('ready');
    expectOneResult(cloud, event, 'small');
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
    expect(await deliver(created, cloud)).toBe('queued');
    requests.length = 0;
    expect(await deliver(created, cloud)).toBe('duplicate');
    expect(requests).toEqual(['claim']);
    const [message, ...others] = cloud.queued;
    expect(others).toEqual([]);
    if (!message) throw new Error('one message');
    expect(await deliverWork(message, cloud, Date.now)).toBe('ready');
    requests.length = 0;
    expect(await deliver(created, cloud)).toBe('duplicate');
    expect(await deliverWork(message, cloud, Date.now)).toBe('duplicate');
    expect(requests).toEqual(['claim', 'begin']);
  });

  it('and of two messages of the same version, one waits for nobody and is not needed', async () => {
    const cloud = memoryCloud();
    const [created] = upload(['small'], cloud);
    if (!created) throw new Error('one event');
    await deliver(created, cloud);
    const [message] = cloud.queued;
    if (!message) throw new Error('one message');
    const other = { ...message, messageId: 'other' };
    const outcomes = [message, other].map((one) => deliverWork(one, cloud, Date.now));
    expect((await Promise.all(outcomes)).sort()).toEqual(['duplicate', 'ready']);
  });

  it('and a message that comes a second time while it is worked on stays in the queue', async () => {
    const cloud = memoryCloud();
    const [created] = upload(['small'], cloud);
    if (!created) throw new Error('one event');
    await deliver(created, cloud);
    const [message] = cloud.queued;
    if (!message) throw new Error('one message');
    const twice = [message, message].map((one) => deliverWork(one, cloud, Date.now));
    const settled = (await Promise.allSettled(twice)).map(({ status }) => status);
    expect(settled.sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('a file is judged by its bytes', () => {
  const routed = async (bytes: Uint8Array) => {
    const cloud = memoryCloud();
    await routeUpload(cloud.put(KEY, bytes), { ...cloud.ports, kinds });
    return { item: [...cloud.items.values()][0], work: cloud.queued[0]?.work };
  };

  it('and what it is said to be is kept beside it', async () => {
    const { default: sharp } = await import('sharp');
    const png = await sharp(await noise(5, 5))
      .png()
      .toBuffer();
    expect((await routed(png)).work).toMatchObject({
      kind: 'image',
      mediaType: 'image/png',
      types: { declaredType: 'image/jpeg', detectedType: 'image/png', typeMismatch: true },
    });
    const jpeg = await routed(await noise(5, 5));
    expect(jpeg.work?.types).toMatchObject({ detectedType: 'image/jpeg' });
    expect(jpeg.work?.types).not.toHaveProperty('typeMismatch');
    expect(jpeg.item).toMatchObject({ status: 'processing', progress: { stage: 'queued' } });
  });

  it.each([
    ['empty', new Uint8Array(), 'empty_file', ''],
    ['one byte', Buffer.from([0xff]), 'unsupported_type', 'unknown'],
    [
      'a program',
      Buffer.concat([Buffer.from('\u007fELF\u0002\u0001\u0001'), Buffer.alloc(100)]),
      'executable_file',
      'program',
    ],
    ['text that is said to be a picture', Buffer.from('no picture'), 'type_mismatch', 'image/jpeg'],
  ])('and rejected with a reason when it is %s', async (_case, bytes, code, words) => {
    const { item } = await routed(bytes);
    expect(item).toMatchObject({ status: 'rejected', reason: { code } });
    expect(item?.reason?.message).toContain(words);
  });

  it('and rejected unread when it is too large', async () => {
    const picture = await noise(4, 4);
    const huge = Buffer.concat([picture, Buffer.alloc(50 * 1024 * 1024)]);
    expect((await routed(huge)).item).toMatchObject({ reason: { code: 'too_large' } });
  });
});
