import type { Clock } from '../../clock.ts';
import type { CloudState } from '../../state.ts';
import { conflict, IotError, invalid, notFound } from './iot-error.ts';

export type CertificateStatus = 'ACTIVE' | 'INACTIVE' | 'REVOKED' | 'PENDING_ACTIVATION';

export interface Certificate {
  readonly certificateId: string;
  readonly certificatePem: string;
  readonly status: CertificateStatus;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** The certificates of devices. https://docs.aws.amazon.com/iot/latest/developerguide/x509-client-certs.html */
export interface Certificates {
  add(id: string, pem: string, status: CertificateStatus): Certificate;
  find(id: string): Certificate | undefined;
  /** @throws IotError ResourceNotFoundException */
  get(id: string): Certificate;
  /** @throws IotError ResourceNotFoundException, InvalidRequestException */
  setStatus(id: string, status: string): void;
  /**
   * @throws IotError ResourceNotFoundException, CertificateStateException while it is active,
   *   DeleteConflictException while `attached`
   */
  remove(id: string, attached: boolean): void;
  list(): readonly Certificate[];
  /** Calls `listener` with the id of each certificate that may not connect any more. */
  onDeactivated(listener: (id: string) => void): void;
}

const SETTABLE = ['ACTIVE', 'INACTIVE', 'REVOKED'];

export function createCertificates(state: CloudState, clock: Clock): Certificates {
  const { db } = state;
  db.exec(`CREATE TABLE IF NOT EXISTS iot_certificates (
    id TEXT PRIMARY KEY, pem TEXT NOT NULL, status TEXT NOT NULL, created INTEGER NOT NULL,
    modified INTEGER NOT NULL) STRICT`);
  const insert = db.prepare('INSERT INTO iot_certificates VALUES (?, ?, ?, ?, ?)');
  const select = db.prepare('SELECT * FROM iot_certificates WHERE id = ?');
  const all = db.prepare('SELECT * FROM iot_certificates ORDER BY created DESC, id');
  const update = db.prepare('UPDATE iot_certificates SET status = ?, modified = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM iot_certificates WHERE id = ?');
  const listeners: ((id: string) => void)[] = [];

  function find(id: string): Certificate | undefined {
    const row = select.get(id);
    return row && toCertificate(row);
  }

  function get(id: string): Certificate {
    const certificate = find(id);
    if (!certificate) throw notFound(`The certificate ${id}`);
    return certificate;
  }

  function deactivated(id: string): void {
    state.afterCommit(() => {
      for (const listener of listeners) listener(id);
    });
  }

  return {
    find,
    get,
    add(id, pem, status) {
      const now = clock.now();
      insert.run(id, pem, status, now, now);
      return get(id);
    },
    setStatus(id, status) {
      get(id);
      if (!SETTABLE.includes(status)) {
        throw invalid(`newStatus ${status} cannot be set: give one of ${SETTABLE.join(', ')}.`);
      }
      update.run(status, clock.now(), id);
      if (status !== 'ACTIVE') deactivated(id);
    },
    remove(id, attached) {
      const { status } = get(id);
      if (status === 'ACTIVE') {
        const message = `Certificate ${id} is active: set it INACTIVE before it is deleted.`;
        throw new IotError('CertificateStateException', 406, message);
      }
      if (attached) {
        const message = `Certificate ${id} is attached: detach its things and policies first.`;
        throw conflict('DeleteConflictException', message);
      }
      remove.run(id);
      deactivated(id);
    },
    list: () => all.all().map(toCertificate),
    onDeactivated(listener) {
      listeners.push(listener);
    },
  };
}

function toCertificate(row: Record<string, unknown>): Certificate {
  return {
    certificateId: String(row.id),
    certificatePem: String(row.pem),
    status: String(row.status) as CertificateStatus,
    createdAt: Number(row.created),
    modifiedAt: Number(row.modified),
  };
}
