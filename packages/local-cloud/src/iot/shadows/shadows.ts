import type { Clock } from '../../clock.ts';
import type { CloudState } from '../../state.ts';
import { difference, emptySection, type JsonObject, merge, type Section, stamp } from './merge.ts';
import { MAX_STATE_BYTES, readToken, readUpdate, ShadowError } from './request.ts';
import { createShadowStore, type Shadow } from './store.ts';

/** A message of the service: what follows `$aws/things/<thing>/shadow/`, and its document. */
export interface ShadowMessage {
  readonly topic: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/**
 * The classic shadows of things, each operation in one transaction. The first message that one
 * resolves with is its answer.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-device-shadows.html
 */
export interface Shadows {
  /** @throws ShadowError */
  update(thing: string, payload: Uint8Array): readonly [ShadowMessage, ...ShadowMessage[]];
  /** @throws ShadowError */
  get(thing: string, payload: Uint8Array): readonly [ShadowMessage];
  /** @throws ShadowError */
  remove(thing: string, payload: Uint8Array): readonly [ShadowMessage];
}

export function createShadows(state: CloudState, clock: Clock): Shadows {
  const store = createShadowStore(state);
  const seconds = () => Math.floor(clock.now() / 1000);

  function present(thing: string, clientToken: string | undefined): Shadow {
    const shadow = store.get(thing);
    if (shadow) return shadow;
    throw new ShadowError(404, `No shadow exists with name: '${thing}'`, clientToken);
  }

  return {
    update(thing, payload) {
      const request = readUpdate(payload);
      const { clientToken } = request;
      const timestamp = seconds();
      return state.transaction(() => {
        const [before, version] = [store.get(thing), store.version(thing)];
        if (request.version !== undefined && request.version !== version) {
          throw new ShadowError(409, 'Version conflict', clientToken);
        }
        const after = {
          desired: changed(before?.desired, request.desired, timestamp),
          reported: changed(before?.reported, request.reported, timestamp),
          version: version + 1,
        };
        if (sizeOf(after) > MAX_STATE_BYTES) {
          const message = 'The payload exceeds the maximum size allowed';
          throw new ShadowError(413, message, clientToken);
        }
        store.put(thing, after);
        const more = { timestamp, ...(clientToken !== undefined && { clientToken }) };
        const delta = difference(after.desired, after.reported.state);
        const documents = { ...(before && { previous: whole(before) }), current: whole(after) };
        return [
          {
            topic: 'update/accepted',
            document: { ...echo(request, timestamp), version: after.version, ...more },
          },
          { topic: 'update/documents', document: { ...documents, ...more } },
          ...(delta
            ? [{ topic: 'update/delta', document: { version: after.version, ...more, ...delta } }]
            : []),
        ];
      });
    },
    get(thing, payload) {
      const clientToken = readToken(payload);
      const shadow = present(thing, clientToken);
      const delta = difference(shadow.desired, shadow.reported.state);
      const { state: sections, ...rest } = whole(shadow);
      const document = {
        state: { ...sections, ...(delta && { delta: delta.state }) },
        ...{ ...rest, timestamp: seconds(), clientToken },
      };
      return [{ topic: 'get/accepted', document }];
    },
    remove(thing, payload) {
      const clientToken = readToken(payload);
      const { version } = present(thing, clientToken);
      store.remove(thing);
      const document = { version, timestamp: seconds(), clientToken };
      return [{ topic: 'delete/accepted', document }];
    },
  };
}

function changed(
  section: Section | undefined,
  change: JsonObject | null | undefined,
  timestamp: number,
): Section {
  if (change === null) return emptySection;
  return merge(section ?? emptySection, change ?? {}, timestamp);
}

/** Only what was sent counts; the metadata is the service's own. */
function sizeOf({ desired, reported }: Shadow): number {
  return Buffer.byteLength(JSON.stringify({ desired: desired.state, reported: reported.state }));
}

/** State and metadata without the sections that are empty. */
function whole({ desired, reported, version }: Shadow) {
  const filled = Object.entries({ desired, reported }).filter(
    ([, { state }]) => Object.keys(state).length > 0,
  );
  return {
    state: Object.fromEntries(filled.map(([name, { state }]) => [name, state])),
    metadata: Object.fromEntries(filled.map(([name, { metadata }]) => [name, metadata])),
    version,
  };
}

/** What the request asked for, with when that was. */
function echo(request: { desired: unknown; reported: unknown }, timestamp: number) {
  const { desired, reported } = request as Record<'desired' | 'reported', JsonObject | null>;
  const given = Object.entries({ desired, reported }).filter(([, value]) => value !== undefined);
  const set = given.filter(([, value]) => value !== null);
  return {
    state: Object.fromEntries(given),
    metadata: Object.fromEntries(set.map(([name, value]) => [name, stamp(value, timestamp)])),
  };
}
