import { TransientError } from '@millrace/middleware';
import { fileIdentity } from '../../file-identity.ts';
import type { UploadedVersion } from '../../object-change.ts';
import type { Products, Uploads } from '../../ports.ts';
import {
  type Final,
  type Job,
  type Jobs,
  type Outcome,
  type Results,
  reasonOf,
  type Task,
  type TaskMessage,
  type TaskQueues,
  tasksOf,
} from './job.ts';
import { partsOf } from './plan.ts';
import {
  joinVideo,
  type RenderedAudio,
  type RenderedVideo,
  renderSoundtrack,
  renderVideo,
  type Store,
} from './render.ts';
import { type MediaTools, MediaUnreadable, type Studio } from './studio.ts';

export interface TaskPorts {
  readonly studio: Studio;
  readonly jobs: Jobs;
  readonly tasks: TaskQueues;
  readonly results: Results;
  readonly uploads: Pick<Uploads, 'url' | 'isThere'>;
  readonly products: Pick<Products, 'store'>;
  /** Opens what was stored of a version, by its name with its extension. */
  readonly openStored: (version: UploadedVersion, name: string) => AsyncIterable<Uint8Array>;
}

/** Who works: one delivery of a message. */
export interface Worker {
  /** Of the message, the same in every delivery. */
  readonly id: string;
  /** Aborted when time is running out. */
  readonly signal: AbortSignal;
  /** Called about every ten seconds while the work goes on. */
  onBeat(listener: () => Promise<void>): void;
}

export type TaskOutcome =
  | 'done'
  /** It is done, or another message is at it. */
  | 'duplicate'
  | 'rejected'
  /** Another version has taken its place, or the job has ended. */
  | 'superseded';

/** Three heartbeats: what a killed function worked on is free again after that. */
const LEASE_MS = 30_000;

/**
 * One part of a video, its sound, or the join of all. A task that is done is never done again; one
 * whose worker was killed is begun again when its lease has run out, alone.
 *
 * @throws TransientError `task_busy` when an earlier delivery of the message may still be at work
 */
export async function workOnTask(
  { job: id, task }: TaskMessage,
  worker: Worker,
  ports: TaskPorts,
): Promise<TaskOutcome> {
  const { jobs } = ports;
  const job = await jobs.find(id);
  if (!job) return 'superseded';
  const leasing = await jobs.lease(id, task, leaseOf(worker));
  if (leasing.kind === 'busy') {
    // The other message comes back by itself if its worker dies.
    if (leasing.worker !== worker.id) return 'duplicate';
    throw new TransientError('task_busy', 'An earlier delivery of the message is at work.');
  }
  if (leasing.kind === 'done') {
    await goOn(job, ports);
    return 'duplicate';
  }
  return await workLeased(job, task, worker, ports);
}

const leaseOf = ({ id }: Worker) => ({ worker: id, until: Date.now() + LEASE_MS });

async function workLeased(
  job: Job,
  task: Task,
  worker: Worker,
  ports: TaskPorts,
): Promise<TaskOutcome> {
  const { jobs } = ports;
  const lost = new AbortController();
  worker.onBeat(async () => {
    if (!(await jobs.renew(job.id, task, leaseOf(worker)))) lost.abort();
  });
  try {
    if (!(await isOurs(job, ports))) return await withdraw(job, ports);
    const signal = AbortSignal.any([worker.signal, lost.signal]);
    const made = await ports.studio.open(signal, (tools) => run(job, task, tools, ports));
    // The programs read by a URL, which gives a newer version as well.
    if (!(await ports.uploads.isThere(job.version))) return await withdraw(job, ports);
    if ('kind' in made) {
      await finish(job, made, ports);
      return 'done';
    }
    if (!(await jobs.finish(job.id, task, worker.id, made))) return 'superseded';
    await goOn(job, ports);
    return 'done';
  } catch (error) {
    if (lost.signal.aborted) return 'superseded';
    if (error instanceof MediaUnreadable) {
      await finish(job, { kind: 'rejected', reason: reasonOf(error) }, ports);
      return 'rejected';
    }
    await jobs.release(job.id, task, worker.id);
    throw error;
  }
}

async function isOurs({ version, ...job }: Job, { jobs, results, uploads }: TaskPorts) {
  const done = (await jobs.outcomes(job.id)).size;
  const percent = percentOf({ version, ...job }, done);
  const file = fileIdentity(version.bucket, version.key);
  return (await results.progress(file, version, percent)) && (await uploads.isThere(version));
}

/** Probe and posters are the first 5, the join the last 10. */
const percentOf = (job: Job, done: number): number =>
  5 + Math.floor((85 * done) / tasksOf(job).length);

async function withdraw({ id, version }: Job, { jobs, results }: TaskPorts): Promise<TaskOutcome> {
  await results.withdraw(fileIdentity(version.bucket, version.key), version);
  await jobs.end(id);
  return 'superseded';
}

async function finish({ id, version }: Job, verdict: Final, { jobs, results }: TaskPorts) {
  await results.finish(fileIdentity(version.bucket, version.key), version, verdict);
  await jobs.end(id);
}

/** Whoever sees all tasks done sends the join: two may, none cannot. */
async function goOn(job: Job, { jobs, tasks, results }: TaskPorts): Promise<void> {
  const { id, version } = job;
  const done = (await jobs.outcomes(id)).size;
  if (done === tasksOf(job).length) {
    await tasks.send([{ kind: 'media', version, job: id, task: 'join' }]);
    return;
  }
  await results.progress(fileIdentity(version.bucket, version.key), version, percentOf(job, done));
}

async function run(
  job: Job,
  task: Task,
  tools: MediaTools,
  ports: TaskPorts,
): Promise<Outcome | Final> {
  const { demuxer, plan, version } = job;
  const file = fileIdentity(version.bucket, version.key);
  const store: Store = (artefact) => ports.products.store(file, version, artefact);
  if (task === 'join') return await join(job, tools, store, ports);
  const source = { demuxer, url: await ports.uploads.url(version) };
  if (task === 'audio') {
    if (!plan.audio) throw new RangeError(`The job has no task ${task}.`);
    const { durationSeconds } = plan.facts;
    const { stored, bandwidth } = await renderSoundtrack(
      ...([tools, source, plan.audio, durationSeconds, store] as const),
    );
    return { stored, ...(bandwidth && { bandwidth }) };
  }
  const part = partsOf(plan.video)[Number(task.slice('video-'.length))];
  if (!part) throw new RangeError(`The job has no task ${task}.`);
  const { rungs } = await renderVideo(tools, source, plan.video, part, store);
  return { rungs };
}

async function join(
  { id, plan, posters, version }: Job,
  tools: MediaTools,
  store: Store,
  ports: TaskPorts,
): Promise<Final> {
  const outcomes = await ports.jobs.outcomes(id);
  const audio = outcomes.get('audio') as RenderedAudio | undefined;
  const video = partsOf(plan.video).map(
    ({ index }) => outcomes.get(`video-${index}`) as RenderedVideo,
  );
  const open = (name: string) => ports.openStored(version, `${name}.ts`);
  const sound = audio && {
    audio,
    audioPiece: await tools.keep(ports.openStored(version, 'audio.m4a')),
  };
  const renditions = await joinVideo(tools, plan.video, { posters, video, open, ...sound }, store);
  return { kind: 'processed', facts: { media: plan.facts }, renditions };
}
