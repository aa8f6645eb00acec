import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  difference,
  emptySection,
  isObject,
  type Json,
  type JsonObject,
  merge,
} from '../../src/iot/shadows/merge.ts';

const keys = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'timestamp');
const scalars = fc.constantFrom<Json>(1, 'x', false);
const values = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalars,
    fc.constant(null),
    fc.array(scalars, { maxLength: 2 }),
    objects(tie('value')),
  ),
})).value;

function objects(of: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> {
  const entry = fc.tuple(keys, of);
  return fc.array(entry, { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
}

const sections = fc
  .array(objects(values), { maxLength: 4 })
  .map((changes) =>
    changes.reduce((section, change, at) => merge(section, change, at), emptySection),
  );

/** The form of a document, its values and lists aside. */
function formOf(value: Json): Json {
  if (!isObject(value)) return true;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, formOf(one)]));
}

/** The same of metadata, which has `{timestamp}` where the state has a value. */
function formOfMetadata(state: Json, metadata: Json): Json {
  if (!isObject(state)) return true;
  if (!isObject(metadata)) return false;
  return Object.fromEntries(
    Object.keys(metadata).map((key) => [
      key,
      Object.hasOwn(state, key) ? formOfMetadata(state[key] ?? null, metadata[key] ?? null) : false,
    ]),
  );
}

function holdsNull(value: Json): boolean {
  if (value === null) return true;
  return isObject(value) && Object.values(value).some(holdsNull);
}

it('stores no null, and metadata of exactly the form of the state', () => {
  fc.assert(
    fc.property(sections, ({ state, metadata }) => {
      expect(holdsNull(state)).toBe(false);
      expect(formOfMetadata(state, metadata)).toEqual(formOf(state));
    }),
  );
});

it('changes nothing but the time by the same change again', () => {
  fc.assert(
    fc.property(sections, objects(values), (section, change) => {
      const once = merge(section, change, 100);
      expect(merge(once, change, 101).state).toEqual(once.state);
    }),
  );
});

it('leaves attributes alone that the change does not name', () => {
  fc.assert(
    fc.property(sections, objects(values), (section, change) => {
      const { state } = merge(section, change, 100);
      for (const key of Object.keys(section.state)) {
        if (!Object.hasOwn(change, key)) expect(state[key]).toEqual(section.state[key]);
      }
    }),
  );
});

it('has no difference to itself, and none left once the difference is reported', () => {
  fc.assert(
    fc.property(sections, sections, (desired, reported) => {
      expect(difference(desired, desired.state)).toBeUndefined();
      const delta = difference(desired, reported.state);
      if (!delta) return;
      const caughtUp = merge(withoutOtherKinds(reported, delta.state), delta.state, 100);
      expect(difference(desired, caughtUp.state)).toBeUndefined();
    }),
  );
});

/** An object that is wanted in a value's place replaces it, and the other way round. */
function withoutOtherKinds(section: typeof emptySection, delta: JsonObject): typeof emptySection {
  return Object.keys(delta).reduce((kept, key) => {
    const [wanted, actual] = [delta[key], kept.state[key]];
    return isObject(wanted) === isObject(actual) ? kept : merge(kept, { [key]: null }, 99);
  }, section);
}

it('takes the names of what every object inherits for attributes like any other', () => {
  const change = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}');
  const { state } = merge(emptySection, change, 1);
  expect(JSON.stringify(state)).toBe('{"__proto__":{"polluted":true},"constructor":1}');
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
