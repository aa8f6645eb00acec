import type { FunctionDefinition, TriggerDefinition } from '../ports.ts';
import type { CloudState } from '../state.ts';

/** What a service declared when it last ran. */
export interface StoredRegistration {
  readonly service: string;
  readonly triggers: readonly TriggerDefinition[];
  readonly functions: readonly FunctionDefinition[];
}

/**
 * What outlives a restart: identifiers that engines invented, exports, and every service's triggers.
 * The triggers are kept because an upload that arrives before its service is up again must still be
 * notified, as a bucket's notification configuration outlives any deployment.
 */
export interface RegistrationStore {
  rememberedId(service: string, logicalId: string, type: string): string | undefined;
  rememberId(service: string, logicalId: string, type: string, id: string): void;
  exportedValue(name: string): unknown;
  replaceExports(service: string, exports: Readonly<Record<string, unknown>>): void;
  save(registration: StoredRegistration): void;
  all(): StoredRegistration[];
}

export function createRegistrationStore(state: CloudState): RegistrationStore {
  const { db } = state;
  db.exec(`
    CREATE TABLE IF NOT EXISTS resource_ids (
      service TEXT NOT NULL, logical_id TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL,
      PRIMARY KEY (service, logical_id, type)) STRICT;
    CREATE TABLE IF NOT EXISTS resource_exports (
      name TEXT PRIMARY KEY, service TEXT NOT NULL, value TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS resource_registrations (
      service TEXT PRIMARY KEY, triggers TEXT NOT NULL, functions TEXT NOT NULL) STRICT;
  `);
  const findId = db.prepare(
    'SELECT id FROM resource_ids WHERE service = ? AND logical_id = ? AND type = ?',
  );
  const putId = db.prepare('INSERT OR REPLACE INTO resource_ids VALUES (?, ?, ?, ?)');
  const findExport = db.prepare('SELECT value FROM resource_exports WHERE name = ?');
  const dropExports = db.prepare('DELETE FROM resource_exports WHERE service = ?');
  const putExport = db.prepare('INSERT OR REPLACE INTO resource_exports VALUES (?, ?, ?)');
  const putRegistration = db.prepare(
    'INSERT OR REPLACE INTO resource_registrations VALUES (?, ?, ?)',
  );
  const listRegistrations = db.prepare('SELECT * FROM resource_registrations ORDER BY service');
  return {
    rememberedId(service, logicalId, type) {
      const row = findId.get(service, logicalId, type);
      return row === undefined ? undefined : String(row.id);
    },
    rememberId(service, logicalId, type, id) {
      putId.run(service, logicalId, type, id);
    },
    exportedValue(name) {
      const row = findExport.get(name);
      return row === undefined ? undefined : JSON.parse(String(row.value));
    },
    replaceExports(service, exports) {
      state.transaction(() => {
        dropExports.run(service);
        for (const [name, value] of Object.entries(exports)) {
          putExport.run(name, service, JSON.stringify(value));
        }
      });
    },
    save({ service, triggers, functions }) {
      putRegistration.run(service, JSON.stringify(triggers), JSON.stringify(functions));
    },
    all() {
      return listRegistrations.all().map((row) => ({
        service: String(row.service),
        triggers: JSON.parse(String(row.triggers)),
        functions: JSON.parse(String(row.functions)),
      }));
    },
  };
}
