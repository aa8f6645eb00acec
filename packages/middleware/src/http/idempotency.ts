import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyPersistenceLayerError,
  IdempotencyValidationError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ProblemError } from '@millrace/types';
import type { Context } from 'aws-lambda';
import type { Invocation } from '../invocation.ts';

export interface OnceRequest {
  readonly tenant: string;
  readonly operation: string;
  /** The caller's Idempotency-Key. */
  readonly key: string;
  /** What the request asks for: the same key with another payload is refused. */
  readonly payload: unknown;
  readonly invocation: Invocation;
}

/**
 * Gives the first result of a request to all its repetitions.
 *
 * It spares work and answers alike; it does not make the work happen once by itself. A function
 * that dies in between leaves the request "in progress" until its own time is over, and then a
 * repetition does the work again: so `work` must have its effects once by its key.
 */
export interface OncePerKey {
  /**
   * @returns the result as JSON gives it back, and whether it is one of before
   * @throws ProblemError idempotency_key_reused, request_in_progress
   */
  run<T>(request: OnceRequest, work: () => Promise<T>): Promise<{ value: T; replayed: boolean }>;
}

/** How long a repetition gets the first answer. */
export const KEPT_SECONDS = 24 * 60 * 60;

/** @param table with the partition key `id` and TTL on `expiration` */
export function dynamoOncePerKey(client: DynamoDBClient, table: string): OncePerKey {
  const persistenceStore = new DynamoDBPersistenceLayer({
    tableName: table,
    awsSdkV3Client: client,
  });
  return {
    async run(request, work) {
      let replayed = false;
      const config = new IdempotencyConfig({
        eventKeyJmesPath: 'key',
        payloadValidationJmesPath: 'payload',
        throwOnNoIdempotencyKey: true,
        expiresAfterSeconds: KEPT_SECONDS,
        hashFunction: 'sha256',
        // Only the time that is left is asked for: it bounds how long a crash blocks repetitions.
        lambdaContext: {
          getRemainingTimeInMillis: () => request.invocation.remainingMs(),
        } as Context,
        responseHook: (response) => {
          replayed = true;
          return response;
        },
      });
      // JSON text, because DynamoDB's own types would lose the difference of null and absent.
      const once = makeIdempotent(
        async (_identity: { key: string[]; payload: unknown }) => JSON.stringify(await work()),
        // The prefix is state of the store, shared by all calls: it must be one and the same.
        { persistenceStore, config, keyPrefix: 'request', dataIndexArgument: 0 },
      );
      const { tenant, operation, key, payload } = request;
      try {
        const text = await once({ key: [tenant, operation, key], payload });
        return { value: JSON.parse(text), replayed };
      } catch (error) {
        throw refusalOf(error);
      }
    },
  };
}

function refusalOf(error: unknown): unknown {
  if (error instanceof IdempotencyValidationError) {
    return new ProblemError(
      'idempotency_key_reused',
      'This Idempotency-Key came with another body before; take a new key for a new request.',
    );
  }
  if (error instanceof IdempotencyAlreadyInProgressError) {
    return new ProblemError(
      'request_in_progress',
      'A request with this Idempotency-Key is being worked on; repeat it in a moment for its answer.',
      { retryAfterSeconds: 1 },
    );
  }
  // The store's own trouble (a throttle, say) is under the library's error.
  if (error instanceof IdempotencyPersistenceLayerError) return error.cause ?? error;
  return error;
}
