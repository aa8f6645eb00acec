import { fileIdentity } from './file-identity.ts';
import type { ObjectChange } from './object-change.ts';
import type { Derivatives, FileRecords } from './ports.ts';

/**
 * The upload was removed: forget the file and delete what was made of it, unless a newer version has
 * been uploaded since. The record goes first: an interruption leaves unreferenced renditions for the
 * next attempt, never a record that names missing ones.
 */
export async function removeDerived(
  removal: ObjectChange,
  ports: { readonly files: FileRecords; readonly derivatives: Derivatives },
): Promise<void> {
  const file = fileIdentity(removal.bucket, removal.key);
  const isOurs = await ports.files.remove(file, removal);
  if (isOurs) await ports.derivatives.remove(file, (order) => order < removal.order);
}
