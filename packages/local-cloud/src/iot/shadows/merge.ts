/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** One side of a shadow, and when each of its attributes was set last. */
export interface Section {
  readonly state: JsonObject;
  /** Of the same form, with `{timestamp}` (seconds) in the place of each value. */
  readonly metadata: JsonObject;
}

export const emptySection: Section = { state: {}, metadata: {} };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the object itself has under the key, whatever the key is. */
function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/**
 * Changes the attributes that `change` names: null removes, an object is merged, and all else,
 * lists too, replaces.
 * https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-document.html
 */
export function merge(section: Section, change: JsonObject, timestamp: number): Section {
  const state = new Map(Object.entries(section.state));
  const metadata = new Map(Object.entries(section.metadata));
  for (const [key, value] of Object.entries(change)) {
    if (value === null) {
      state.delete(key);
      metadata.delete(key);
      continue;
    }
    const next = isObject(value) ? merge(below(section, key), value, timestamp) : undefined;
    state.set(key, next ? next.state : value);
    metadata.set(key, next ? next.metadata : stamp(value, timestamp));
  }
  return { state: Object.fromEntries(state), metadata: Object.fromEntries(metadata) };
}

function below(section: Section, key: string): Section {
  const [state, metadata] = [own(section.state, key), own(section.metadata, key)];
  return isObject(state) && isObject(metadata) ? { state, metadata } : emptySection;
}

/** The metadata of values that were all set at once; what is removed has none. */
export function stamp(value: Json, timestamp: number): Json {
  if (Array.isArray(value)) return value.map((one: Json) => stamp(one, timestamp));
  if (!isObject(value)) return { timestamp };
  const kept = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(kept.map(([key, one]) => [key, stamp(one, timestamp)]));
}

/** The desired attributes that are not reported so; `undefined` when there are none. */
export function difference(desired: Section, reported: JsonObject): Section | undefined {
  const state = new Map<string, Json>();
  const metadata = new Map<string, Json>();
  for (const [key, wanted] of Object.entries(desired.state)) {
    const actual = own(reported, key);
    const found = own(desired.metadata, key) ?? {};
    if (isObject(wanted) && isObject(actual)) {
      const inside = difference({ state: wanted, metadata: isObject(found) ? found : {} }, actual);
      if (!inside) continue;
      state.set(key, inside.state);
      metadata.set(key, inside.metadata);
    } else if (!isSame(wanted, actual)) {
      state.set(key, wanted);
      metadata.set(key, found);
    }
  }
  if (state.size === 0) return undefined;
  return { state: Object.fromEntries(state), metadata: Object.fromEntries(metadata) };
}

function isSame(left: Json, right: Json | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length &&
      left.every((one: Json, index: number) => isSame(one, right[index]))
    );
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isSame(left[key] ?? null, right[key]))
  );
}
