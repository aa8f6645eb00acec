import { randomUUID } from 'node:crypto';
import type { CloudState } from '../../state.ts';
import { conflict, invalid, notFound } from './iot-error.ts';

export interface Thing {
  readonly thingName: string;
  readonly thingId: string;
  readonly thingTypeName?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly version: number;
}

/** What CreateThing and UpdateThing are given. */
export interface ThingChange {
  readonly thingTypeName?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** UpdateThing: adds to the attributes that are there, where an empty value removes one. */
  readonly merge?: boolean | undefined;
  readonly expectedVersion?: number | undefined;
}

/** The things of the registry. https://docs.aws.amazon.com/iot/latest/developerguide/thing-registry.html */
export interface Things {
  /**
   * Idempotent for equal things.
   * @throws IotError ResourceAlreadyExistsException when there is another thing of that name
   */
  create(name: string, change: ThingChange): Thing;
  /** @throws IotError ResourceNotFoundException */
  get(name: string): Thing;
  find(name: string): Thing | undefined;
  /** @throws IotError ResourceNotFoundException, VersionConflictException */
  update(name: string, change: ThingChange): void;
  /** Says nothing when there is none, as AWS. @throws IotError VersionConflictException */
  remove(name: string, expectedVersion?: number): void;
  list(): readonly Thing[];
}

const MAX_ATTRIBUTES = 50;

export function createThings({ db }: CloudState): Things {
  db.exec(`CREATE TABLE IF NOT EXISTS iot_things (
    name TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT, attributes TEXT NOT NULL,
    version INTEGER NOT NULL) STRICT`);
  const select = db.prepare('SELECT * FROM iot_things WHERE name = ?');
  const all = db.prepare('SELECT * FROM iot_things ORDER BY name');
  const insert = db.prepare('INSERT INTO iot_things VALUES (?, ?, ?, ?, 1)');
  const change = db.prepare(
    'UPDATE iot_things SET type = ?, attributes = ?, version = version + 1 WHERE name = ?',
  );
  const remove = db.prepare('DELETE FROM iot_things WHERE name = ?');

  function find(name: string): Thing | undefined {
    const row = select.get(name);
    return row && toThing(row);
  }

  function get(name: string): Thing {
    const thing = find(name);
    if (!thing) throw notFound(`The thing ${name}`);
    return thing;
  }

  return {
    find,
    get,
    create(name, { thingTypeName, attributes = {} }) {
      if (!/^[\w:-]{1,128}$/.test(name)) {
        throw invalid(`The thing name ${name} is not 1 to 128 of a–z, A–Z, 0–9, ":", "_" and "-".`);
      }
      checkAttributes(attributes);
      const present = find(name);
      if (present) {
        if (
          present.thingTypeName === thingTypeName &&
          sameAttributes(present.attributes, attributes)
        )
          return present;
        throw conflict(
          'ResourceAlreadyExistsException',
          `Thing ${name} exists with other settings.`,
        );
      }
      insert.run(name, randomUUID(), thingTypeName ?? null, JSON.stringify(attributes));
      return get(name);
    },
    update(name, { thingTypeName, attributes, merge, expectedVersion }) {
      const present = get(name);
      checkVersion(present, expectedVersion);
      const given = attributes ?? (merge ? {} : present.attributes);
      const next = merge ? { ...present.attributes, ...given } : given;
      const kept = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== ''));
      checkAttributes(kept);
      change.run(thingTypeName ?? present.thingTypeName ?? null, JSON.stringify(kept), name);
    },
    remove(name, expectedVersion) {
      const present = find(name);
      if (present) checkVersion(present, expectedVersion);
      remove.run(name);
    },
    list: () => all.all().map(toThing),
  };
}

function checkVersion(thing: Thing, expected: number | undefined): void {
  if (expected === undefined || expected === thing.version) return;
  throw conflict(
    'VersionConflictException',
    `Thing ${thing.thingName} has version ${thing.version}, not ${expected}.`,
  );
}

/** https://docs.aws.amazon.com/general/latest/gr/iot-core.html#thing-limits */
function checkAttributes(attributes: Readonly<Record<string, string>>): void {
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES) {
    throw invalid(`A thing has at most ${MAX_ATTRIBUTES} attributes.`);
  }
  for (const [name, value] of entries) {
    if (!/^[\w.,@/:#-]{1,128}$/.test(name))
      throw invalid(`The attribute name ${name} is not valid.`);
    if (typeof value !== 'string' || !/^[\w.,@/:#=[\]-]{0,800}$/.test(value)) {
      throw invalid(`The value of the attribute ${name} is not valid.`);
    }
  }
}

function sameAttributes(
  left: Readonly<Record<string, string>>,
  right: Readonly<Record<string, string>>,
): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length && names.every((name) => left[name] === right[name])
  );
}

function toThing(row: Record<string, unknown>): Thing {
  return {
    thingName: String(row.name),
    thingId: String(row.id),
    ...(row.type !== null && { thingTypeName: String(row.type) }),
    attributes: JSON.parse(String(row.attributes)),
    version: Number(row.version),
  };
}
