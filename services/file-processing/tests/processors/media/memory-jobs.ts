import type {
  Job,
  Jobs,
  Outcome,
  Task,
  TaskMessage,
  TaskQueues,
} from '../../../src/domain/processors/media/job.ts';

interface Entry {
  worker?: string;
  until?: number;
  outcome?: Outcome;
}

/** The jobs and their queue in memory, held to the same contract as the table. */
export function memoryJobs(now: () => number = Date.now) {
  const begun = new Map<string, Job>();
  const entries = new Map<string, Map<Task, Entry>>();
  const sent: TaskMessage[] = [];
  const of = (id: string) => entries.get(id) ?? new Map<Task, Entry>();
  const held = (id: string, task: Task, worker: string): Entry | undefined => {
    const entry = of(id).get(task);
    return entry?.worker === worker && !entry.outcome ? entry : undefined;
  };

  const jobs: Jobs = {
    async begin(job) {
      if (!begun.has(job.id)) begun.set(job.id, structuredClone(job));
    },
    find: async (id) => structuredClone(begun.get(id)),
    async lease(id, task, lease) {
      const entry = of(id).get(task);
      if (entry?.outcome) return { kind: 'done' };
      if (entry?.worker !== undefined && (entry.until ?? 0) > now()) {
        return { kind: 'busy', worker: entry.worker };
      }
      entries.set(id, of(id).set(task, { ...lease }));
      return { kind: 'leased' };
    },
    async renew(id, task, { worker, until }) {
      const entry = held(id, task, worker);
      if (entry) entry.until = until;
      return entry !== undefined;
    },
    async release(id, task, worker) {
      const entry = held(id, task, worker);
      if (entry) entry.until = 0;
    },
    async finish(id, task, worker, outcome) {
      const entry = held(id, task, worker);
      if (entry) entry.outcome = structuredClone(outcome);
      return entry !== undefined;
    },
    async outcomes(id) {
      const done = new Map<Task, Outcome>();
      for (const [task, { outcome }] of of(id)) if (outcome) done.set(task, outcome);
      return done;
    },
    async end(id) {
      begun.delete(id);
      entries.delete(id);
    },
  };
  const tasks: TaskQueues = {
    send: async (messages) => {
      sent.push(...messages);
    },
  };
  return { jobs, tasks, sent };
}
