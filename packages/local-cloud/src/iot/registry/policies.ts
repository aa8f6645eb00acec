import type { Clock } from '../../clock.ts';
import type { CloudState } from '../../state.ts';
import { parsePolicy, type Statement } from '../policies/document.ts';
import { conflict, invalid, notFound } from './iot-error.ts';

export interface Policy {
  readonly policyName: string;
  /** JSON, as it was given. */
  readonly policyDocument: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** Named policies. Their former versions are not kept. */
export interface Policies {
  /** @throws IotError MalformedPolicyException, ResourceAlreadyExistsException */
  create(name: string, document: string): Policy;
  /** Creates the policy or makes the document its next version. @throws IotError MalformedPolicyException */
  ensure(name: string, document: string): Policy;
  /** @throws IotError ResourceNotFoundException */
  get(name: string): Policy;
  /** @throws IotError ResourceNotFoundException, DeleteConflictException while `attached` */
  remove(name: string, attached: boolean): void;
  list(): readonly Policy[];
  /** What the policy says; nothing when it is gone. */
  statements(name: string): readonly Statement[];
}

export function createPolicies({ db }: CloudState, clock: Clock): Policies {
  db.exec(`CREATE TABLE IF NOT EXISTS iot_policies (
    name TEXT PRIMARY KEY, document TEXT NOT NULL, version INTEGER NOT NULL,
    created INTEGER NOT NULL, modified INTEGER NOT NULL) STRICT`);
  const select = db.prepare('SELECT * FROM iot_policies WHERE name = ?');
  const all = db.prepare('SELECT * FROM iot_policies ORDER BY name');
  const upsert = db.prepare(`INSERT INTO iot_policies VALUES (?, ?, 1, ?, ?)
    ON CONFLICT (name) DO UPDATE
    SET document = excluded.document, version = version + 1, modified = excluded.modified`);
  const remove = db.prepare('DELETE FROM iot_policies WHERE name = ?');
  /** Asked for every message: a document is read once per version. */
  const parsed = new Map<string, readonly Statement[]>();

  function find(name: string): Policy | undefined {
    const row = select.get(name);
    return row && toPolicy(row);
  }

  function get(name: string): Policy {
    const policy = find(name);
    if (!policy) throw notFound(`The policy ${name}`);
    return policy;
  }

  function store(name: string, document: string): Policy {
    if (!/^[\w+=,.@-]{1,128}$/.test(name)) throw invalid(`The policy name ${name} is not valid.`);
    parsePolicy(document);
    upsert.run(name, document, clock.now(), clock.now());
    parsed.delete(name);
    return get(name);
  }

  return {
    get,
    create(name, document) {
      if (find(name)) {
        throw conflict('ResourceAlreadyExistsException', `The policy ${name} exists already.`);
      }
      return store(name, document);
    },
    ensure(name, document) {
      const present = find(name);
      return present?.policyDocument === document ? present : store(name, document);
    },
    remove(name, attached) {
      get(name);
      if (attached) {
        throw conflict(
          'DeleteConflictException',
          `The policy ${name} is attached: detach it first.`,
        );
      }
      remove.run(name);
      parsed.delete(name);
    },
    list: () => all.all().map(toPolicy),
    statements(name) {
      const known = parsed.get(name);
      if (known) return known;
      const policy = find(name);
      const statements = policy ? parsePolicy(policy.policyDocument) : [];
      parsed.set(name, statements);
      return statements;
    },
  };
}

function toPolicy(row: Record<string, unknown>): Policy {
  return {
    policyName: String(row.name),
    policyDocument: String(row.document),
    version: Number(row.version),
    createdAt: Number(row.created),
    modifiedAt: Number(row.modified),
  };
}
