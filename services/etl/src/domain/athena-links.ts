import type { LakeStore } from '@millrace/lake';
import { type DataFile, latestManifest, type Manifest } from '@millrace/lake/table';

/** `links/changes/table=orders/files`: what Athena finds instead of files, their addresses. */
const linkKey = (dataset: string, table: string) => `links/${dataset}/table=${table}/files`;

/**
 * Lists the files of the latest commit where Athena's tables look. One object of text for each, so
 * that a query sees one commit whole. Where others commit at the same time, the latest stays.
 */
export async function writeLinks(
  store: LakeStore,
  bucket: string,
  manifest: Manifest,
): Promise<void> {
  const live = manifest.current.flatMap((segment) => segment.live ?? []);
  await writeLink(
    store,
    manifest,
    linkKey('changes', manifest.table),
    linesOf(bucket, manifest.changes),
  );
  await writeLink(store, manifest, linkKey('current', manifest.table), linesOf(bucket, live));
}

function linesOf(bucket: string, files: readonly DataFile[]): string {
  return files.map(({ key }) => `s3://${bucket}/${key}\n`).join('');
}

async function writeLink(store: LakeStore, manifest: Manifest, key: string, lines: string) {
  for (;;) {
    const seen = await store.read(key);
    if (seen && new TextDecoder().decode(seen.bytes) === lines) return;
    // Asked after reading: who commits later writes later, or this write is refused.
    const latest = await latestManifest(store, manifest.table);
    if (latest?.commit !== manifest.commit) return;
    if (await store.swap(key, new TextEncoder().encode(lines), seen)) return;
  }
}
