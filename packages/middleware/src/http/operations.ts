import type { OperationId, Route } from '@millrace/types';
import type * as z from 'zod/mini';
import type { Invocation } from '../invocation.ts';
import type { Encodable } from './answer.ts';
import type { Caller } from './tokens.ts';

type ParameterNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterNames<Rest>
  : never;
type QueryOf<R> = R extends { query: infer Q extends z.ZodMiniType } ? z.infer<Q> : undefined;
type BodyOf<R> = R extends { body: infer B extends z.ZodMiniType } ? z.infer<B> : undefined;
type CallerOf<R> = R extends { authenticated: true } ? Caller : undefined;
type KeyOf<R> = R extends { idempotencyKey: 'required' } ? string : string | undefined;
type SuccessOf<R> = R extends { success: { body: infer B extends z.ZodMiniType } }
  ? Encodable<z.infer<B>>
  : undefined;

/** A request whose token, parameters, query and body are already what the contract says. */
export interface OperationRequest<Id extends OperationId> {
  readonly caller: CallerOf<Route<Id>>;
  readonly params: Readonly<Record<ParameterNames<Route<Id>['path']>, string>>;
  readonly query: QueryOf<Route<Id>>;
  readonly body: BodyOf<Route<Id>>;
  readonly idempotencyKey: KeyOf<Route<Id>>;
  /** The header `If-Match`, of operations that take it. */
  readonly ifMatch: string | undefined;
  readonly invocation: Invocation;
}

export interface OperationAnswer<Id extends OperationId> {
  readonly body: SuccessOf<Route<Id>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers, or throws a ProblemError; any other error becomes a 5xx that tells nothing. */
export type Operation<Id extends OperationId> = (
  request: OperationRequest<Id>,
) => Promise<OperationAnswer<Id>>;

/** What one function serves: a part of the contract. */
export type Operations = { readonly [Id in OperationId]?: Operation<Id> };
