import { comparableSequencer } from '@millrace/types';
import type { FileIdentity } from '../domain/file-identity.ts';
import type { ObjectChange } from '../domain/object-change.ts';

/** Everything that is derived of any version of a file lies below this. */
export function derivedPrefix({ tenant, fileId }: FileIdentity): string {
  return `${tenant}/${fileId}/`;
}

/** Where what is derived of one version lies. */
export function derivedKey(file: FileIdentity, { sequencer }: ObjectChange, name: string): string {
  return `${derivedPrefix(file)}${sequencer}/${name}`;
}

/** The version that a derived object was made of, comparable. */
export function orderOfDerived(key: string): string {
  return comparableSequencer(key.split('/')[2] ?? '');
}
