import { Pool, type PoolClient } from 'pg';
import { connectionOptions } from './connection-options.ts';
import { applyMigrations } from './migrate.ts';
import { isLost, sqlError } from './sql-errors.ts';

/** A database that has the schema of this code. */
export interface SqlSession {
  /** Runs work that may be repeated: on a connection that has died meanwhile it is run anew. */
  run<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Connects at the first call, and brings the schema up to date then: every environment of a function
 * does it once, so that a deployment needs no step of its own and no database that is up.
 */
export function createSqlSession(url: () => Promise<string>): SqlSession {
  let opening: Promise<Pool> | undefined;

  function open(): Promise<Pool> {
    opening ??= openPool(url).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  return {
    async run(work) {
      const pool = await open();
      // After a freeze the kept connection may be dead without anybody having been told.
      const isKept = pool.totalCount > 0;
      try {
        return await withClient(pool, work);
      } catch (error) {
        if (!isKept || !isLost(error)) throw error;
        return await withClient(pool, work);
      }
    },
    async close() {
      await (await opening?.catch(() => undefined))?.end();
      opening = undefined;
    },
  };
}

async function openPool(url: () => Promise<string>): Promise<Pool> {
  const pool = new Pool(connectionOptions(await url()));
  // An idle connection that ends is replaced at the next use; that one tells if it cannot be.
  pool.on('error', () => {});
  try {
    await withClient(pool, applyMigrations);
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  let client: PoolClient | undefined;
  try {
    client = await pool.connect();
    const result = await work(client);
    client.release();
    return result;
  } catch (error) {
    const told = sqlError(error);
    // What a statement that was given up still sends must not be taken for the next one's answer.
    client?.release(isLost(told));
    throw told;
  }
}
