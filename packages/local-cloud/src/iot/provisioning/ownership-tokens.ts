import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { CloudState } from '../../state.ts';
import type { Registry } from '../registry/registry.ts';

/** https://docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html */
const GOOD_FOR_MS = 60 * 60_000;

/** Who proves to have been given a certificate that nobody has activated yet. */
export interface OwnershipTokens {
  issue(certificateId: string): string;
  /** The certificate of a token that is good. */
  certificateOf(token: string): string | undefined;
  /** Takes away the certificates that nobody has provisioned in time, from now on. */
  start(): void;
  close(): void;
}

export function createOwnershipTokens(
  state: CloudState,
  clock: Clock,
  registry: Pick<Registry, 'certificates' | 'removeCertificate'>,
): OwnershipTokens {
  const { db } = state;
  db.exec(`CREATE TABLE IF NOT EXISTS iot_ownership_tokens (
    digest TEXT PRIMARY KEY, certificate TEXT NOT NULL, expires INTEGER NOT NULL) STRICT`);
  const insert = db.prepare('INSERT INTO iot_ownership_tokens VALUES (?, ?, ?)');
  const select = db.prepare(
    'SELECT certificate FROM iot_ownership_tokens WHERE digest = ? AND expires > ?',
  );
  const forget = db.prepare('DELETE FROM iot_ownership_tokens WHERE expires <= ?');
  const closing = new AbortController();

  const pending = () =>
    registry.certificates.list().filter(({ status }) => status === 'PENDING_ACTIVATION');

  function sweep(): void {
    const now = clock.now();
    for (const { certificateId, createdAt } of pending()) {
      if (createdAt + GOOD_FOR_MS <= now) registry.removeCertificate(certificateId, true);
    }
    forget.run(now);
  }

  function sweepAt(expires: number): void {
    void clock.sleep(expires - clock.now(), closing.signal).then((isOver) => {
      if (isOver && !closing.signal.aborted) sweep();
    });
  }

  return {
    issue(certificateId) {
      const token = randomBytes(48).toString('base64url');
      const expires = clock.now() + GOOD_FOR_MS;
      insert.run(digestOf(token), certificateId, expires);
      sweepAt(expires);
      return token;
    },
    certificateOf(token) {
      const row = select.get(digestOf(token), clock.now());
      return row && String(row.certificate);
    },
    start() {
      for (const { createdAt } of pending()) sweepAt(createdAt + GOOD_FOR_MS);
    },
    close: () => closing.abort(),
  };
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
