import { createHash } from 'node:crypto';
import type { AsyncInvocations, BucketTrigger, MappingStatus, S3ObjectEvent } from '../../ports.ts';
import type { CloudState } from '../../state.ts';
import { NO_COUNTS } from '../running-trigger.ts';
import { notificationEvent } from './event.ts';

export interface BucketNotifications {
  /** Replaces the notifications of a service. */
  apply(service: string, triggers: readonly BucketTrigger[]): void;
  remove(service: string): void;
  /** Queues an invocation per matching function, in the transaction that is open. */
  notify(event: S3ObjectEvent): void;
  status(): MappingStatus[];
}

/**
 * Bucket notifications. They are part of the durable state: an object that is stored while its
 * consumer has not registered yet (after a restart, for one) is queued for it all the same.
 */
export function createBucketNotifications(options: {
  state: CloudState;
  async: AsyncInvocations;
  isAvailable(functionName: string): boolean;
}): BucketNotifications {
  const { db } = options.state;
  db.exec(`CREATE TABLE IF NOT EXISTS mapping_notifications (
    service TEXT NOT NULL,
    trigger_json TEXT NOT NULL,
    PRIMARY KEY (service, trigger_json)
  )`);
  const forget = db.prepare('DELETE FROM mapping_notifications WHERE service = ?');
  const add = db.prepare('INSERT OR IGNORE INTO mapping_notifications VALUES (?, ?)');
  const all = db.prepare('SELECT service, trigger_json FROM mapping_notifications ORDER BY rowid');
  const delivered = new Map<string, number>();
  let triggers = load();

  function load(): { id: string; service: string; trigger: BucketTrigger }[] {
    const rows = all.all() as unknown as { service: string; trigger_json: string }[];
    return rows.map(({ service, trigger_json }) => {
      const trigger = JSON.parse(trigger_json) as BucketTrigger;
      return { id: notificationId(trigger), service, trigger };
    });
  }

  function replace(service: string, replacement: readonly BucketTrigger[]): void {
    options.state.transaction(() => {
      forget.run(service);
      for (const trigger of replacement) add.run(service, JSON.stringify(trigger));
    });
    triggers = load();
  }

  return {
    apply: replace,
    remove: (service) => replace(service, []),
    notify(event) {
      const notified = new Set<string>();
      for (const { id, trigger } of triggers) {
        if (notified.has(trigger.functionName) || !matches(trigger, event)) continue;
        notified.add(trigger.functionName);
        options.async.enqueue(trigger.functionName, JSON.stringify(notificationEvent(event, id)));
        delivered.set(id, (delivered.get(id) ?? 0) + 1);
      }
    },
    status: () =>
      triggers.map(({ id, service, trigger }) => ({
        id,
        kind: 's3',
        functionName: trigger.functionName,
        service,
        source: `arn:aws:s3:::${trigger.bucket}`,
        state: options.isAvailable(trigger.functionName) ? 'running' : 'waiting-for-function',
        shards: [],
        ...NO_COUNTS,
        delivered: delivered.get(id) ?? 0,
      })),
  };
}

function matches(trigger: BucketTrigger, event: S3ObjectEvent): boolean {
  if (trigger.bucket !== event.bucket) return false;
  const wanted = trigger.event.replace(/^s3:/, '');
  const named = wanted.endsWith(':*')
    ? event.name.startsWith(wanted.slice(0, -1))
    : event.name === wanted;
  return (
    named && event.key.startsWith(trigger.prefix ?? '') && event.key.endsWith(trigger.suffix ?? '')
  );
}

/** Like the ids that the Serverless Framework's stacks get: stable, one per configuration. */
function notificationId(trigger: BucketTrigger): string {
  const digest = createHash('md5').update(JSON.stringify(trigger)).digest('hex');
  return `${trigger.functionName}-${digest}`;
}
