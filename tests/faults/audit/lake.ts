import { zstdDecompressSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { _Record as ChangeRecord } from '@aws-sdk/client-dynamodb-streams';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { parquetReadObjects } from 'hyparquet';
import type { Run } from '../workload/run.ts';
import { differences, tally } from './compare.ts';
import { type Ledger, TABLES, type TableName } from './ledger.ts';

const LAKE = 'millrace-local-lake';

interface LakeRow {
  readonly change_id: string;
  readonly sequence: string;
  readonly op: string;
  readonly new_image: string | null;
}

/** The lake of a platform, of which only what has grown is read again. */
export interface Lake {
  /** Every change of this run is one row, and no row of an earlier one is gone or doubled. */
  audit(run: Run, ledger: Ledger): Promise<string[]>;
}

export function openLake(): Lake {
  const known = new Map<string, { eTag: string; rows: readonly LakeRow[] }>();

  async function refresh({ clients: { s3 } }: Run, table: TableName): Promise<string[]> {
    const place = { Bucket: LAKE, Prefix: `changes/table=${table}/` };
    const lost: string[] = [];
    const { Contents = [] } = await s3.send(new ListObjectsV2Command(place));
    for (const { Key = '', ETag = '' } of Contents) {
      const before = known.get(Key);
      if (before?.eTag === ETag) continue;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: LAKE, Key }));
      const rows = await rowsOf((await Body?.transformToByteArray()) ?? new Uint8Array());
      const sequences = new Set(rows.map(({ sequence }) => sequence));
      for (const { sequence } of before?.rows ?? []) {
        if (!sequences.has(sequence)) lost.push(`lake ${Key}: row ${sequence} is gone`);
      }
      known.set(Key, { eTag: ETag, rows });
    }
    return lost;
  }

  async function auditTable(run: Run, table: TableName, changes: readonly ChangeRecord[]) {
    const lost = await refresh(run, table);
    const wanted = changes.filter((change) => isChange(change) && !isStranger(run, change));
    const sequences = wanted.map(({ dynamodb }) => padded(dynamodb?.SequenceNumber));
    const first = sequences.toSorted()[0] ?? '';
    const rows = [...known]
      .filter(([key]) => key.startsWith(`changes/table=${table}/`))
      .flatMap(([, object]) => object.rows)
      .filter(({ sequence }) => first !== '' && sequence >= first);
    const described = (row: LakeRow) => `${row.sequence} ${row.op}`;
    return [
      ...lost,
      ...differences(
        `lake ${table}`,
        tally(rows.map(described)),
        tally(
          wanted.map((change) => `${padded(change.dynamodb?.SequenceNumber)} ${change.eventName}`),
        ),
      ),
      ...differences(`image in lake ${table}`, imagesOf(rows), changedTo(wanted)),
    ];
  }

  return {
    async audit(run, ledger) {
      const found = await Promise.all(
        TABLES.map((table) => auditTable(run, table, ledger.changes(table))),
      );
      return found.flat();
    },
  };
}

/** DynamoDB tells of no write that changes nothing; the engine beneath does. */
function isChange({ dynamodb }: ChangeRecord): boolean {
  const { NewImage, OldImage } = dynamodb ?? {};
  return !NewImage || !OldImage || text(plain({ M: NewImage })) !== text(plain({ M: OldImage }));
}

function isStranger({ expected }: Run, { dynamodb }: ChangeRecord): boolean {
  return expected.strangers.has(dynamodb?.Keys?.deviceId?.S ?? '');
}

async function rowsOf(bytes: Uint8Array): Promise<LakeRow[]> {
  const rows = await parquetReadObjects({
    file: bytes.slice().buffer,
    columns: ['change_id', 'sequence', 'op', 'new_image'],
    compressors: { ZSTD: (input) => zstdDecompressSync(input) },
  });
  return rows as unknown as LakeRow[];
}

function imagesOf(rows: readonly LakeRow[]): Map<string, unknown> {
  return new Map(
    rows.map(({ sequence, new_image: image }) => [sequence, image && text(JSON.parse(image))]),
  );
}

function changedTo(changes: readonly ChangeRecord[]): Map<string, unknown> {
  return new Map(
    changes.map(({ dynamodb }) => [
      padded(dynamodb?.SequenceNumber),
      dynamodb?.NewImage ? text(plain({ M: dynamodb.NewImage })) : null,
    ]),
  );
}

function padded(sequence = ''): string {
  return sequence.padStart(40, '0');
}

/** What the services write needs no other types. */
function plain(value: AttributeValue): unknown {
  if (value.N !== undefined) return Number(value.N);
  if (value.L !== undefined) return value.L.map(plain);
  if (value.M === undefined) return value.S ?? value.BOOL ?? null;
  return Object.fromEntries(Object.entries(value.M).map(([name, inner]) => [name, plain(inner)]));
}

/** JSON with sorted names. */
function text(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
