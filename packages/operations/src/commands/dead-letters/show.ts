import type { Entry } from '../../dead-letters/entry.ts';
import type { Letter, LetterStore } from '../../dead-letters/letters.ts';
import { eachEntry } from '../../dead-letters/list-entries.ts';
import { harmless, inOneLine, readable } from '../../dead-letters/printable.ts';
import type { MessageEntry, Range } from '../../dead-letters/queue-messages.ts';
import { RangeTrimmed, readRange } from '../../dead-letters/read-range.ts';
import type { Sources } from '../../dead-letters/sources.ts';
import { UsageError } from '../../usage-error.ts';
import { toldOf } from './list.ts';
import type { Settings } from './settings.ts';

/** What is shown of an entry beside its line. */
interface Shown {
  /** Payloads, of a batch one for each record. */
  readonly payloads: readonly { readonly of: string; readonly bytes: Uint8Array }[];
  /** Why there is no more. */
  readonly note?: string;
}

export async function show(
  sources: Sources,
  { filter, withClosed, records, isJson }: Settings,
  signal: AbortSignal,
): Promise<number> {
  if (filter.ids.length === 0) throw new UsageError('Which one? show takes an id of the list.');
  let found = 0;
  const tell = (entry: Entry, shown: Shown) => {
    found += 1;
    if (isJson) console.log(JSON.stringify({ ...toldOf(entry), ...jsonOf(shown) }, null, 2));
    else for (const line of linesOf(entry, shown)) console.log(line);
  };
  await eachEntry(sources, filter, withClosed, signal, {
    letter: async (letter, store) => tell(letter, await shownLetter(letter, store)),
    message: async (entry, { body }) =>
      tell(entry, await shownMessage(entry, body, sources, records)),
  });
  if (found > 0) return 0;
  console.error(`millrace: there is no dead letter ${inOneLine(filter.ids.join(', '))}.`);
  return 1;
}

async function shownLetter(letter: Letter, store: LetterStore): Promise<Shown> {
  return { payloads: [{ of: 'payload', bytes: await store.payload(letter) }] };
}

async function shownMessage(
  { content }: MessageEntry,
  body: string,
  { reader }: Sources,
  most: number,
): Promise<Shown> {
  const whole = { of: 'message', bytes: Buffer.from(body) };
  if (content.kind === 'none') return { payloads: [whole], note: content.why };
  if (content.kind !== 'batch') {
    const { data } = (content.event ?? {}) as { data?: unknown };
    const event = { of: 'event', bytes: Buffer.from(JSON.stringify(content.event) ?? '') };
    if (typeof data !== 'string') return { payloads: [event] };
    return { payloads: [event, { of: 'data', bytes: Buffer.from(data, 'base64') }] };
  }
  const { records, note } = await recordsOf(reader, content.range, most);
  return { payloads: [whole, ...records], note };
}

async function recordsOf(reader: Sources['reader'], range: Range, most: number) {
  const records: { of: string; bytes: Uint8Array }[] = [];
  try {
    for await (const page of readRange(reader, range)) {
      for (const { sequenceNumber, event } of page) {
        if (records.length === most) return { records, note: 'more records: --records shows them' };
        records.push({ of: `record ${sequenceNumber}`, bytes: payloadOf(event) });
      }
    }
    return { records, note: 'all records of the range' };
  } catch (error) {
    if (!(error instanceof RangeTrimmed)) throw error;
    return { records, note: error.message };
  }
}

function payloadOf(event: unknown): Uint8Array {
  const { kinesis } = event as { kinesis?: { data?: string } };
  return Buffer.from(kinesis?.data ?? JSON.stringify(event), kinesis ? 'base64' : 'utf8');
}

function jsonOf({ payloads, note }: Shown) {
  return {
    note,
    payloads: payloads.map(({ of, bytes }) => ({
      of,
      base64: Buffer.from(bytes).toString('base64'),
    })),
  };
}

function* linesOf(entry: Entry, { payloads, note }: Shown): Generator<string> {
  const { message, attributes = {}, claim, ...told } = toldOf(entry);
  for (const [name, value] of Object.entries({ ...told, ...(attributes as object) })) {
    if (value !== undefined) yield `${name.padEnd(16)} ${inOneLine(String(value), 400)}`;
  }
  if (claim) yield `in the hands of  ${inOneLine(JSON.stringify(claim), 400)}`;
  yield `reason           ${harmless(message)}`;
  for (const { of, bytes } of payloads) {
    yield '';
    yield `${of} (${bytes.byteLength} bytes)`;
    yield readable(bytes);
  }
  if (note !== undefined) yield `\n${harmless(note)}`;
  yield '';
}
