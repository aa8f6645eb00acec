import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { CloudState } from '../state.ts';

/** https://docs.aws.amazon.com/iot/latest/developerguide/life-cycle-events.html */
export type DisconnectReason =
  | 'AUTH_ERROR'
  | 'CLIENT_INITIATED_DISCONNECT'
  | 'CLIENT_ERROR'
  | 'CONNECTION_LOST'
  | 'DUPLICATE_CLIENTID'
  | 'MQTT_KEEP_ALIVE_TIMEOUT'
  | 'SERVER_INITIATED_DISCONNECT';

export interface PresenceEvent {
  readonly topic: string;
  readonly payload: Buffer;
}

export interface Presence {
  /** `certificateId`: whose key the client has; there is none on the port without TLS. */
  connected(
    clientId: string,
    ipAddress: string,
    certificateId: string | undefined,
  ): PresenceEvent | undefined;
  disconnected(clientId: string, reason: DisconnectReason): PresenceEvent | undefined;
  /** The clients that a killed cloud left connected, told as disconnected. */
  recover(): PresenceEvent[];
}

/** The principal of clients that show no certificate. */
const NO_CERTIFICATE = 'local';

interface Session {
  version: number;
  session_id: string;
  principal: string;
}

/**
 * Lifecycle events with AWS's fields. The sessions are stored: `versionNumber` must keep growing
 * over restarts, for consumers order events by it, and whoever was connected when the cloud was
 * killed must be told as disconnected when it is back.
 */
export function createPresence(state: CloudState, clock: Clock): Presence {
  state.db.exec(`CREATE TABLE IF NOT EXISTS iot_sessions (
    client_id TEXT PRIMARY KEY, version INTEGER NOT NULL, session_id TEXT NOT NULL,
    connected INTEGER NOT NULL, principal TEXT NOT NULL DEFAULT '${NO_CERTIFICATE}') STRICT`);
  addPrincipal(state);
  const begin = state.db.prepare(`INSERT INTO iot_sessions VALUES (?, 0, ?, 1, ?)
    ON CONFLICT (client_id) DO UPDATE
    SET version = version + 1, session_id = excluded.session_id, connected = 1,
      principal = excluded.principal
    RETURNING version, session_id, principal`);
  const end = state.db.prepare(`UPDATE iot_sessions SET connected = 0
    WHERE client_id = ? AND connected = 1 RETURNING version, session_id, principal`);
  const open = state.db.prepare('SELECT client_id FROM iot_sessions WHERE connected = 1');

  function disconnected(clientId: string, reason: DisconnectReason): PresenceEvent | undefined {
    const session = end.get(clientId) as Session | undefined;
    return (
      session &&
      event('disconnected', clientId, session, clock.now(), {
        clientInitiatedDisconnect: reason === 'CLIENT_INITIATED_DISCONNECT',
        disconnectReason: reason,
      })
    );
  }

  return {
    connected(clientId, ipAddress, certificateId = NO_CERTIFICATE) {
      const session = begin.get(clientId, randomUUID(), certificateId) as unknown as Session;
      return event('connected', clientId, session, clock.now(), { ipAddress });
    },
    disconnected,
    recover: () =>
      open.all().flatMap(({ client_id }) => {
        const lost = disconnected(String(client_id), 'CONNECTION_LOST');
        return lost ? [lost] : [];
      }),
  };
}

/** State folders of before there were certificates lack the column. */
function addPrincipal({ db }: CloudState): void {
  const columns = db.prepare('PRAGMA table_info(iot_sessions)').all();
  if (columns.some(({ name }) => name === 'principal')) return;
  db.exec(
    `ALTER TABLE iot_sessions ADD COLUMN principal TEXT NOT NULL DEFAULT '${NO_CERTIFICATE}'`,
  );
}

function event(
  eventType: 'connected' | 'disconnected',
  clientId: string,
  session: Session,
  timestamp: number,
  more: Record<string, unknown>,
): PresenceEvent | undefined {
  // "Client IDs that contain # or + do not receive lifecycle events."
  if (/[+#]/.test(clientId)) return undefined;
  const payload = {
    clientId,
    timestamp,
    eventType,
    sessionIdentifier: session.session_id,
    principalIdentifier: session.principal,
    ...more,
    versionNumber: session.version,
  };
  return {
    topic: `$aws/events/presence/${eventType}/${clientId}`,
    payload: Buffer.from(JSON.stringify(payload)),
  };
}
