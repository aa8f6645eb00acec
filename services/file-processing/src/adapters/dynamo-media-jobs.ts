import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { TransientError } from '@millrace/middleware';
import type { Job, Jobs, Outcome, Task } from '../domain/processors/media/job.ts';

/** As long as a message may be kept in a queue of failures and be sent again. */
const KEPT_SECONDS = 14 * 24 * 60 * 60;
const DELETES_AT_ONCE = 25;
const JOB = 'job';
const taskKey = (task: Task) => `task#${task}`;

export interface DynamoMediaJobsOptions {
  readonly client: DynamoDBClient;
  /** Keys `pk` and `sk`; TTL attribute `expiresAt`. */
  readonly table: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface TaskItem {
  readonly sk: string;
  readonly worker?: string;
  readonly leaseUntil?: number;
  readonly outcome?: Outcome;
}

/**
 * An item for the job, one for each task that somebody has begun. There is no counter: who finishes
 * a task writes it and then counts, so that the last one to write counts all.
 */
export function dynamoMediaJobs(options: DynamoMediaJobsOptions): Jobs {
  const { client, table: TableName, now = Date.now } = options;
  const documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });
  const expiry = () => Math.floor(now() / 1000) + KEPT_SECONDS;

  /** False when the task does not meet the condition. */
  async function update(
    id: string,
    task: Task,
    change: Pick<
      UpdateCommandInput,
      'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'
    >,
  ): Promise<boolean> {
    try {
      const Key = { pk: id, sk: taskKey(task) };
      await documents.send(new UpdateCommand({ TableName, Key, ...change }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  const HELD = 'worker = :worker AND attribute_not_exists(outcome)';

  async function find(pk: string, sk: string) {
    const { Item } = await documents.send(
      new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true }),
    );
    return Item;
  }

  async function* items(id: string): AsyncGenerator<TaskItem> {
    const query = {
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': id },
      ConsistentRead: true,
    };
    for await (const { Items = [] } of paginateQuery({ client: documents }, query)) {
      yield* Items as TaskItem[];
    }
  }

  return {
    async begin(job) {
      try {
        await documents.send(
          new PutCommand({
            TableName,
            Item: { pk: job.id, sk: JOB, job, expiresAt: expiry() },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },

    async find(id) {
      return (await find(id, JOB))?.job as Job | undefined;
    },

    async lease(id, task, { worker, until }) {
      const at = now();
      const isLeased = await update(id, task, {
        UpdateExpression: 'SET worker = :worker, leaseUntil = :until, expiresAt = :expiry',
        ConditionExpression:
          'attribute_not_exists(outcome) AND (attribute_not_exists(leaseUntil) OR leaseUntil < :now)',
        ExpressionAttributeValues: {
          ...{ ':worker': worker, ':until': until, ':now': at, ':expiry': expiry() },
        },
      });
      if (isLeased) return { kind: 'leased' };
      const seen = (await find(id, taskKey(task))) as TaskItem | undefined;
      if (seen?.outcome) return { kind: 'done' };
      if (seen?.worker === undefined) {
        throw new TransientError('task_contended', 'The task changed while it was looked at.');
      }
      return { kind: 'busy', worker: seen.worker };
    },

    renew: (id, task, { worker, until }) =>
      update(id, task, {
        UpdateExpression: 'SET leaseUntil = :until',
        ConditionExpression: HELD,
        ExpressionAttributeValues: { ':worker': worker, ':until': until },
      }),

    async release(id, task, worker) {
      await update(id, task, {
        UpdateExpression: 'REMOVE leaseUntil',
        ConditionExpression: HELD,
        ExpressionAttributeValues: { ':worker': worker },
      });
    },

    finish: (id, task, worker, outcome) =>
      update(id, task, {
        UpdateExpression: 'SET outcome = :outcome REMOVE leaseUntil',
        ConditionExpression: HELD,
        ExpressionAttributeValues: { ':worker': worker, ':outcome': outcome },
      }),

    async outcomes(id) {
      const done = new Map<Task, Outcome>();
      for await (const { sk, outcome } of items(id)) {
        if (outcome) done.set(sk.slice(taskKey('' as Task).length) as Task, outcome);
      }
      return done;
    },

    async end(id) {
      // The job first: from then on nobody begins anything.
      await documents.send(new DeleteCommand({ TableName, Key: { pk: id, sk: JOB } }));
      let batch: Promise<unknown>[] = [];
      for await (const { sk } of items(id)) {
        batch.push(documents.send(new DeleteCommand({ TableName, Key: { pk: id, sk } })));
        if (batch.length < DELETES_AT_ONCE) continue;
        await Promise.all(batch);
        batch = [];
      }
      await Promise.all(batch);
    },
  };
}
