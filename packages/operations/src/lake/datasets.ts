import { S3Client } from '@aws-sdk/client-s3';
import type { Column, LakeStore } from '@millrace/lake';
import { s3LakeObjects } from '@millrace/lake/s3';
import { latestManifest, type Manifest, tablesOf } from '@millrace/lake/table';
import { edgeClientOptions, localTargets } from '../demo/targets.ts';
import { LakeUnreachableError } from './lake-error.ts';

/** A file of the lake whose content is not changed under this name and ETag. */
export interface LakeFile {
  readonly key: string;
  readonly bytes: number;
  /** Of files that grow: which content. */
  readonly eTag?: string;
}

/** What can be asked under one name. */
export interface Dataset {
  readonly name: string;
  readonly store: LakeStore;
  /** Rows, where that is known. */
  readonly rows?: number;
  /** ISO 8601, of the commit. */
  readonly committedAt?: string;
  /** So that one without files has columns. */
  readonly columns: readonly Column[];
  files(): Promise<readonly LakeFile[]>;
}

/** Of the archive: events and lines of logs as they lie there. */
const ARCHIVED = ['events', 'logs'] as const;

export interface Lake {
  datasets(): Promise<Dataset[]>;
  close(): void;
}

/** The buckets of a stage: those of the local cloud, or deployed ones. */
export function openLake(stage: string): Lake {
  const client = new S3Client(stage === 'local' ? edgeClientOptions(localTargets()) : {});
  const lake = s3LakeObjects(client, `millrace-${stage}-lake`);
  const archive = s3LakeObjects(client, `millrace-${stage}-archive`);
  return {
    async datasets() {
      return await reach(async () => {
        const found: Dataset[] = [];
        for (const table of await tablesOf(lake)) {
          const manifest = await latestManifest(lake, table);
          if (manifest) found.push(...tableDatasets(lake, manifest));
        }
        return [...found, ...ARCHIVED.map((name) => archivedDataset(archive, name))];
      });
    },
    close: () => client.destroy(),
  };
}

function tableDatasets(store: LakeStore, manifest: Manifest): Dataset[] {
  const { table, committedAt, changes, columns } = manifest;
  const live = manifest.current.flatMap((segment) => segment.live ?? []);
  return [
    { name: `changes_${table}`, files: async () => changes, rows: rowsOf(changes) },
    { name: table, files: async () => live, rows: rowsOf(live) },
  ].map((dataset) => ({ ...dataset, store, committedAt, columns }));
}

function rowsOf(files: readonly { readonly rows: number }[]): number {
  return files.reduce((sum, { rows }) => sum + rows, 0);
}

function archivedDataset(store: LakeStore, name: string): Dataset {
  return {
    ...{ name, store, columns: [] },
    files: () =>
      reach(async () => {
        const files: LakeFile[] = [];
        for await (const object of store.list(`${name}/`)) files.push(object);
        return files;
      }),
  };
}

export async function reach<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new LakeUnreachableError(
      `The lake cannot be reached (${why}): start the stack with "npm start", or name a stage that is deployed.`,
      { cause },
    );
  }
}
