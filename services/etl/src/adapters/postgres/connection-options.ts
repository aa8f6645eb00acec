import { readFileSync } from 'node:fs';
import { ConfigError } from '@millrace/middleware';
import type { PoolConfig } from 'pg';

const CONNECT_TIMEOUT_SECONDS = 5;
/** The server gives up first, so that nothing of a statement goes on that was given up here. */
const STATEMENT_TIMEOUT_MS = 20_000;
const QUERY_TIMEOUT_MS = 22_000;

/**
 * What `pg` takes for a URL. Whoever is not on this machine is spoken to over TLS, with a
 * certificate that is verified: by the roots of Node, or by those of the file that `sslrootcert`
 * names (`/var/runtime/ca-cert.pem` in Lambda holds Amazon's, for RDS). `connect_timeout` says how
 * many seconds a connection may take, as for every client of PostgreSQL.
 *
 * @throws ConfigError where that is not what the URL asks for; it holds nothing of the URL
 */
export function connectionOptions(databaseUrl: string): PoolConfig {
  const url = parse(databaseUrl);
  const mode = url.searchParams.get('sslmode');
  const roots = url.searchParams.get('sslrootcert');
  const timeout = Number(url.searchParams.get('connect_timeout') ?? CONNECT_TIMEOUT_SECONDS);
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (mode !== null && !['disable', 'require', 'verify-ca', 'verify-full'].includes(mode)) {
    throw new ConfigError('The database URL asks for an sslmode that verifies nothing.');
  }
  if (!Number.isInteger(timeout) || timeout < 1) {
    throw new ConfigError('The database URL has a connect_timeout that is no number of seconds.');
  }
  if (mode === 'disable' && !isHere) {
    throw new ConfigError('The database URL asks for a connection to another machine without TLS.');
  }
  const isPlain = mode === 'disable' || (mode === null && isHere);
  // What `pg` would make of them is looser.
  for (const name of ['sslmode', 'sslrootcert', 'ssl', 'connect_timeout'])
    url.searchParams.delete(name);
  return {
    connectionString: url.href,
    ssl: isPlain
      ? false
      : { rejectUnauthorized: true, ...(roots && { ca: readFileSync(roots, 'utf8') }) },
    // A function handles one batch at a time.
    max: 1,
    connectionTimeoutMillis: timeout * 1000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'millrace-etl',
  };
}

function parse(databaseUrl: string): URL {
  const url = URL.parse(databaseUrl);
  if (url && /^postgres(ql)?:$/.test(url.protocol)) return url;
  throw new ConfigError('The database URL is not of the form postgres://user:password@host/name.');
}
