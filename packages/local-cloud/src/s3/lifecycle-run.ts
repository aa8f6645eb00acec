import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { createWake } from '../wake.ts';
import type { Bucket } from './bucket-table.ts';
import { commit, type Drop, type S3Context } from './context.ts';
import {
  currentExpiry,
  markerExpiry,
  midnightAfter,
  noncurrentExpiry,
  uploadExpiry,
} from './lifecycle-rules.ts';
import { addMarker, type Remover, removeVersion } from './remove-version.ts';
import type { KeyRange, Version } from './version-table.ts';

/** So many versions are looked at in one transaction; requests get their turn in between. */
const PAGE_VERSIONS = 500;

export interface LifecycleRun {
  /** Ends everything that is due now, in all buckets. */
  runOnce(): Promise<void>;
  /** Looks again at once: rules have changed. */
  notify(): void;
  /** Runs now, at every midnight (UTC) of the clock, and when it is notified. */
  start(): void;
  close(): Promise<void>;
}

/**
 * Carries out the lifecycle rules of the buckets. Everything that a rule ends, ends at a midnight in
 * UTC, so this sleeps until the next. What ends and its event are one transaction; a run that was
 * killed is simply made again.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
 */
export function createLifecycleRun(context: S3Context): LifecycleRun {
  const { clock } = context;
  const wake = createWake(clock);
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> | undefined;

  async function runOnce(): Promise<void> {
    for (const { name } of context.buckets.list()) {
      let range: KeyRange | undefined = {
        from: Buffer.alloc(0),
        isFromIncluded: true,
        to: undefined,
      };
      while (range && !signal.aborted) {
        range = endVersions(context, name, range);
        await turn();
      }
      if (!signal.aborted) abortUploads(context, name);
    }
  }

  async function run(): Promise<void> {
    // Who creates the engine may have to set up first what its events go to.
    await turn();
    while (!signal.aborted) {
      // Of before the run: one that comes meanwhile finds buckets that have been gone through.
      const midnight = midnightAfter(clock.now(), 0);
      try {
        await runOnce();
      } catch (error) {
        // A full disk, for one. What is due stays due.
        console.error('s3: lifecycle rules were not carried out:', error);
      }
      await wake.wait(midnight, signal);
    }
  }

  return {
    runOnce,
    notify: wake.notify,
    start() {
      running ??= run();
    },
    async close() {
      stopping.abort();
      await running;
    },
  };
}

/** Looks at one page of versions; answers where the next begins. */
function endVersions(context: S3Context, name: string, range: KeyRange): KeyRange | undefined {
  return commit(context, (drop) => {
    const bucket = context.buckets.find(name);
    if (!bucket?.lifecycle.some(({ isEnabled }) => isEnabled)) return undefined;
    const page = take(context.versions.scanAll(name, range), PAGE_VERSIONS);
    for (const version of page) endVersion(context, drop, bucket, version);
    const last = page.at(-1);
    if (!last || page.length < PAGE_VERSIONS) return undefined;
    return {
      from: Buffer.from(last.key),
      isFromIncluded: true,
      to: undefined,
      olderThan: last.seq,
    };
  });
}

function endVersion(context: S3Context, drop: Drop, bucket: Bucket, version: Version): void {
  const { versions, clock } = context;
  const { lifecycle: rules } = bucket;
  const isDue = (expiry: { at: number } | undefined) =>
    expiry !== undefined && expiry.at <= clock.now();

  if (version.isLatest && !version.isDeleteMarker) {
    if (!isDue(currentExpiry(rules, version))) return;
    if (bucket.versioning === '') removeVersion(context, remover(), drop, bucket, version);
    else addMarker(context, remover(), drop, bucket, version.key);
  } else if (version.isLatest) {
    if (versions.hasOlder(version) || !isDue(markerExpiry(rules, version))) return;
    removeVersion(context, remover(), drop, bucket, version);
  } else {
    const newer = versions.newerThan(version);
    if (newer && isDue(noncurrentExpiry(rules, version, newer))) {
      removeVersion(context, remover(), drop, bucket, version);
    }
  }
}

function abortUploads(context: S3Context, name: string): void {
  const { uploads, clock, buckets } = context;
  commit(context, (drop) => {
    const rules = buckets.find(name)?.lifecycle ?? [];
    if (rules.length === 0) return;
    for (const upload of [...uploads.scanOpen(name, Buffer.alloc(0), undefined)]) {
      const end = uploadExpiry(rules, upload);
      if (end === undefined || end > clock.now()) continue;
      drop(uploads.parts(upload.id).map(({ file }) => file));
      uploads.remove(upload.id);
    }
  });
}

/** The service itself is the one who asks. */
function remover(): Remover {
  const origin = {
    sourceIp: 's3.amazonaws.com',
    requestId: randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase(),
    hostId: randomBytes(48).toString('base64'),
  };
  return { origin, event: 'LifecycleExpiration' };
}

function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}
