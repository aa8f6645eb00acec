import type { CloudState } from '../../state.ts';
import { type ProvisioningTemplate, parseTemplate } from './template.ts';

export interface DeployedTemplate extends ProvisioningTemplate {
  readonly isEnabled: boolean;
  /** The function that is asked before a device is provisioned. */
  readonly hook: string | undefined;
}

/** The templates by which devices are provisioned; only the newest version of each. */
export interface Templates {
  /** @throws Error that says what is wrong with the body */
  ensure(name: string, body: string, settings: Pick<DeployedTemplate, 'isEnabled' | 'hook'>): void;
  find(name: string): DeployedTemplate | undefined;
}

export function createTemplates({ db }: CloudState): Templates {
  db.exec(`CREATE TABLE IF NOT EXISTS iot_provisioning_templates (
    name TEXT PRIMARY KEY, body TEXT NOT NULL, enabled INTEGER NOT NULL, hook TEXT) STRICT`);
  const put = db.prepare('INSERT OR REPLACE INTO iot_provisioning_templates VALUES (?, ?, ?, ?)');
  const select = db.prepare('SELECT * FROM iot_provisioning_templates WHERE name = ?');
  return {
    ensure(name, body, { isEnabled, hook }) {
      if (!/^[\w-]{1,36}$/.test(name)) {
        throw new Error(`the template name ${name} is not 1 to 36 letters, digits, "_" and "-"`);
      }
      parseTemplate(body);
      put.run(name, body, isEnabled ? 1 : 0, hook ?? null);
    },
    find(name) {
      const row = select.get(name);
      if (!row) return undefined;
      return {
        ...parseTemplate(String(row.body)),
        isEnabled: row.enabled === 1,
        hook: row.hook === null ? undefined : String(row.hook),
      };
    },
  };
}
