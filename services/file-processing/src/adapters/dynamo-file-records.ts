import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  TransactWriteCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { PermanentError, TransientError } from '@millrace/middleware';
import type { FileItem } from '@millrace/types';
import type { FileIdentity } from '../domain/file-identity.ts';
import type { ObjectChange, UploadedVersion } from '../domain/object-change.ts';
import type { Beginning, Claim, FileRecords } from '../domain/ports.ts';
import {
  beginUpdate,
  claimUpdate,
  failureUpdate,
  queueUpdate,
  removalCheck,
  removalKey,
  renewUpdate,
  verdictUpdate,
} from './file-record-updates.ts';
import { failedConditions } from './transaction-errors.ts';

/** How often a claim looks again when the record changed between its read and its write. */
const MOST_LOOKS = 5;

/** Longer than S3, Lambda's retries and an operator's redrive may delay an event. */
const REMOVAL_KEPT_SECONDS = 14 * 24 * 60 * 60;

export interface DynamoFileRecordsOptions {
  readonly client: DynamoDBClient;
  readonly filesTable: string;
  /** Key `pk`; TTL attribute `expiresAt`. */
  readonly removalsTable: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * The record of a file and the memory of removals. They are two items, and a claim concerns both:
 * it is one transaction.
 */
export function dynamoFileRecords(options: DynamoFileRecordsOptions): FileRecords {
  const { client, filesTable, removalsTable, now = Date.now } = options;
  const documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });

  async function read({ tenant, fileId }: FileIdentity): Promise<FileItem | undefined> {
    const { Item } = await documents.send(
      new GetCommand({ TableName: filesTable, Key: { tenant, fileId }, ConsistentRead: true }),
    );
    return Item as FileItem | undefined;
  }

  /** Undefined when the record changed since it was read. */
  async function claimAsSeen(
    file: FileIdentity,
    version: UploadedVersion,
    seen: FileItem | undefined,
  ): Promise<Claim | undefined> {
    const replaces = seen?.replaced === true || isOlder(seen, version);
    try {
      await documents.send(
        new TransactWriteCommand({
          TransactItems: [
            { ConditionCheck: { TableName: removalsTable, ...removalCheck(version) } },
            { Update: { TableName: filesTable, ...claimUpdate(file, version, seen) } },
          ],
        }),
      );
      return { kind: 'claimed', replaces, isQueued: false };
    } catch (error) {
      const [removed, changed] = failedConditions(error);
      if (removed) return { kind: 'superseded' };
      if (changed) return undefined;
      throw error;
    }
  }

  const at = () => new Date(now()).toISOString();

  /** The record as it is then; undefined when it did not meet the condition. */
  async function updated(
    update: Omit<UpdateCommandInput, 'TableName'>,
  ): Promise<FileItem | undefined> {
    try {
      const { Attributes } = await documents.send(
        new UpdateCommand({ TableName: filesTable, ReturnValues: 'ALL_NEW', ...update }),
      );
      return Attributes as FileItem;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  return {
    async claim(file, version) {
      for (let look = 0; look < MOST_LOOKS; look += 1) {
        const seen = await read(file);
        if (seen && seen.key !== version.key) throw taken();
        const order = seen?.sequencer ?? '';
        if (order > version.order) return { kind: 'superseded' };
        if (order === version.order && seen?.status !== 'processing') {
          return { kind: 'finished', replaces: seen?.replaced === true };
        }
        if (order === version.order && isRouted(seen)) {
          return { kind: 'claimed', replaces: seen?.replaced === true, isQueued: true };
        }
        const claim = await claimAsSeen(file, version, seen);
        if (claim) return claim;
      }
      throw contended();
    },

    async queue(file, version, types) {
      await updated(queueUpdate(file, version, types, at()));
    },

    async begin(file, version, lease, options = {}): Promise<Beginning> {
      const { types = {}, again = false, seenAt } = options;
      for (let look = 0; look < MOST_LOOKS; look += 1) {
        const time = now();
        const begun = await updated(
          beginUpdate(file, version, lease, { types, again, seenAt, at: at(), now: time }),
        );
        if (begun) return { kind: 'begun', replaces: begun.replaced === true };
        const seen = await read(file);
        if (seen?.sequencer !== version.order) return { kind: 'superseded' };
        if (!again && (seen.status === 'ready' || seen.status === 'rejected')) {
          return { kind: 'finished', replaces: seen.replaced === true };
        }
        if (again && seenAt !== undefined && seen.updatedAt !== seenAt) {
          return { kind: 'finished', replaces: seen.replaced === true };
        }
        if ((seen.leaseUntil ?? 0) >= time) {
          return { kind: 'busy', worker: seen.worker ?? '' };
        }
      }
      throw contended();
    },

    async renew(file, version, lease, percent) {
      if (await updated(renewUpdate(file, version, lease, percent))) return 'held';
      return (await read(file))?.sequencer === version.order ? 'lost' : 'superseded';
    },

    async complete(file, version, verdict, { again = false } = {}) {
      if (await updated(verdictUpdate(file, version, verdict, { at: at(), again }))) return true;
      // A twin of this attempt may have come to the same verdict first.
      return (await read(file))?.sequencer === version.order;
    },

    async fail(file, version, reason) {
      const time = now();
      if (await updated(failureUpdate(file, version, reason, { at: at(), now: time }))) return;
      const seen = await read(file);
      const isOpen = seen?.sequencer === version.order && seen.status === 'processing';
      if (isOpen) throw new TransientError('upload_in_work', 'Another worker has this upload.');
    },

    async remove(file, removal) {
      await rememberRemoval(documents, removalsTable, removal, now());
      const { tenant, fileId } = file;
      try {
        await documents.send(
          new DeleteCommand({
            TableName: filesTable,
            Key: { tenant, fileId },
            ConditionExpression: '#key = :key AND (attribute_not_exists(#s) OR #s < :order)',
            ExpressionAttributeNames: { '#key': 'key', '#s': 'sequencer' },
            ExpressionAttributeValues: { ':key': removal.key, ':order': removal.order },
          }),
        );
        return true;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const kept = await read(file);
        return kept === undefined || kept.key === removal.key;
      }
    },
  };
}

function isOlder(seen: FileItem | undefined, version: UploadedVersion): boolean {
  return seen?.sequencer !== undefined && seen.sequencer < version.order;
}

/** The work on it has been sent, or has begun. */
function isRouted(seen: FileItem | undefined): boolean {
  return seen?.progress !== undefined && seen.progress.stage !== 'validating';
}

function contended() {
  return new TransientError('file_contended', 'The record of the file changes all the time.');
}

function taken() {
  return new PermanentError(
    'file_id_taken',
    'Another object has this file id. Upload it under the key that the API gave, or under a key of another form.',
  );
}

async function rememberRemoval(
  documents: DynamoDBDocumentClient,
  TableName: string,
  removal: ObjectChange,
  now: number,
): Promise<void> {
  try {
    await documents.send(
      new UpdateCommand({
        TableName,
        Key: removalKey(removal),
        UpdateExpression: 'SET #s = :order, expiresAt = :expiry',
        ConditionExpression: 'attribute_not_exists(#s) OR #s < :order',
        ExpressionAttributeNames: { '#s': 'sequencer' },
        ExpressionAttributeValues: {
          ':order': removal.order,
          ':expiry': Math.floor(now / 1000) + REMOVAL_KEPT_SECONDS,
        },
      }),
    );
  } catch (error) {
    // This removal or a later one is remembered.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
