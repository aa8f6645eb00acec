import type { Clock } from '../clock.ts';
import type { S3ObjectEvent } from '../ports.ts';
import type { CloudState } from '../state.ts';
import type { BucketTable } from './bucket-table.ts';
import type { ContentStore } from './content-store.ts';
import type { S3Request } from './request.ts';
import type { S3Response } from './response.ts';
import { formatSequencer, type Sequence } from './schema.ts';
import type { UploadTable } from './upload-table.ts';
import type { VersionTable } from './version-table.ts';

/** What every operation works with. */
export interface S3Context {
  readonly state: CloudState;
  readonly clock: Clock;
  readonly credentials: ReadonlyMap<string, string>;
  readonly onEvent: (event: S3ObjectEvent) => void;
  readonly region: string;
  readonly accountId: string;
  readonly buckets: BucketTable;
  readonly versions: VersionTable;
  readonly uploads: UploadTable;
  readonly content: ContentStore;
  readonly sequence: Sequence;
  /** Lifecycle rules may end something that is there already. */
  lifecycleChanged(): void;
}

export type BucketRequest = S3Request & { readonly bucket: string };
export type ObjectRequest = BucketRequest & { readonly key: string };

export type Operation<R extends S3Request> = (
  context: S3Context,
  request: R,
) => S3Response | Promise<S3Response>;

/** Removes content that no row names any more, with the transaction. */
export type Drop = (names: readonly string[]) => void;

/** Runs `work` in one transaction, together with the removal of the content that it dropped. */
export function commit<T>({ state, content }: S3Context, work: (drop: Drop) => T): T {
  return state.transaction(() => work(content.discard));
}

/** Commits `work`, which names `content` in a row; when it fails nothing is left of the content. */
export function commitContent<T>(context: S3Context, content: string, work: (drop: Drop) => T): T {
  try {
    return commit(context, (drop) => {
      context.content.keep(content);
      return work(drop);
    });
  } catch (error) {
    context.content.discard([content]);
    throw error;
  }
}

/** Who brought a change about. */
export type EventOrigin = Pick<S3ObjectEvent, 'sourceIp' | 'requestId' | 'hostId'>;

/** Reports a change of an object. Only inside the transaction that makes it. */
export function emit(
  context: S3Context,
  { sourceIp, requestId, hostId }: EventOrigin,
  event: {
    name: string;
    bucket: string;
    key: string;
    seq: number;
    size?: number;
    eTag?: string;
    versionId?: string;
  },
): void {
  const { seq, ...rest } = event;
  context.onEvent({
    ...rest,
    sequencer: formatSequencer(seq),
    time: context.clock.now(),
    sourceIp,
    requestId,
    hostId,
  });
}

/** What AWS shows as the owner of everything in the account. */
export function owner(context: S3Context): { ID: string; DisplayName: string } {
  return { ID: context.accountId.padStart(64, '0'), DisplayName: context.accountId };
}

/** Second precision, as S3 keeps it. */
export function isoTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}.000Z`;
}
