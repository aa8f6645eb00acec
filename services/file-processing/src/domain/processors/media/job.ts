import type { Reason, StoredRendition } from '@millrace/types';
import type { FileIdentity } from '../../file-identity.ts';
import type { UploadedVersion } from '../../object-change.ts';
import type { Processed } from '../../processor.ts';
import { mediaKind } from './kind.ts';
import { type MediaPlan, partsOf, type VideoPlan } from './plan.ts';
import type { RenderedAudio, RenderedVideo } from './render.ts';
import { CodecRefused, type MediaUnreadable } from './studio.ts';

/** A video that several invocations work on. */
export interface Job {
  readonly id: string;
  readonly version: UploadedVersion;
  readonly demuxer: string;
  readonly plan: MediaPlan & { readonly video: VideoPlan };
  readonly posters: readonly StoredRendition[];
}

/** `video-<part>`, `audio`, and when all of those are done `join`. */
export type Task = 'audio' | 'join' | `video-${number}`;

/** What is kept of a task that is done. */
export type Outcome = RenderedVideo | RenderedAudio;

export function jobId({ tenant, fileId }: FileIdentity, { order }: UploadedVersion): string {
  return `${tenant}#${fileId}#${order}#${mediaKind.version}`;
}

/** All but the join. The sound takes longest, so it comes first. */
export function tasksOf({ plan }: Job): Task[] {
  const parts = partsOf(plan.video).map(({ index }): Task => `video-${index}`);
  return plan.audio ? ['audio', ...parts] : parts;
}

export interface TaskLease {
  /** Of the message that the task came by: its redelivery is told from another message. */
  readonly worker: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export type Leasing =
  | { readonly kind: 'leased' }
  /** Somebody works on it, by this message or by another. */
  | { readonly kind: 'busy'; readonly worker: string }
  | { readonly kind: 'done' };

/** What is known of videos that are worked on in parts. */
export interface Jobs {
  /** Keeps the job that is there, if one is: its plan is the same. */
  begin(job: Job): Promise<void>;
  find(id: string): Promise<Job | undefined>;
  lease(id: string, task: Task, lease: TaskLease): Promise<Leasing>;
  /** False when the lease is another's, or the job has ended. */
  renew(id: string, task: Task, lease: TaskLease): Promise<boolean>;
  /** Frees the task for the next attempt. */
  release(id: string, task: Task, worker: string): Promise<void>;
  /** False when the lease is another's, or the job has ended. */
  finish(id: string, task: Task, worker: string, outcome: Outcome): Promise<boolean>;
  /** Sees every task that was finished before the call. */
  outcomes(id: string): Promise<ReadonlyMap<Task, Outcome>>;
  /** Forgets the job and its tasks. */
  end(id: string): Promise<void>;
}

/** What goes through the queues; the names are those of `Work`, so that who fails one fails the other. */
export interface TaskMessage {
  readonly kind: 'media';
  readonly version: UploadedVersion;
  readonly job: string;
  readonly task: Task;
}

export interface TaskQueues {
  send(messages: readonly TaskMessage[]): Promise<void>;
}

/** What becomes of a file in the end. */
export type Final = Exclude<Processed, { kind: 'handed-on' }>;

/** The records of files, as far as parts of a video concern them. */
export interface Results {
  /** False when the version has been replaced or removed. */
  progress(file: FileIdentity, version: UploadedVersion, percent: number): Promise<boolean>;
  /** Records what became of the version, or clears away what was made of it if it is superseded. */
  finish(file: FileIdentity, version: UploadedVersion, verdict: Final): Promise<void>;
  /** Clears away what was made of a version that was superseded. */
  withdraw(file: FileIdentity, version: UploadedVersion): Promise<void>;
}

/** What the sender reads when a file cannot be read. */
export function reasonOf(error: MediaUnreadable): Reason {
  if (error instanceof CodecRefused) {
    return {
      code: 'unsupported_codec',
      message:
        'The picture or the sound is coded in a way that is not processed. Convert it to H.264 and AAC in MP4.',
    };
  }
  return {
    code: 'corrupt_media',
    message: `The file is damaged or incomplete. ${error.message} Upload it again.`,
  };
}
