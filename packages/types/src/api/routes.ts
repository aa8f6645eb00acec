import * as z from 'zod/mini';
import { CommandList, CommandRequest, CommandResource } from './commands.ts';
import {
  ClaimRequest,
  CredentialsRequest,
  DeviceChange,
  DeviceCredentials,
  DeviceList,
  DeviceRequest,
  DeviceResource,
} from './devices.ts';
import { DocumentResource } from './documents.ts';
import { EventBatch, EventReceipt } from './events.ts';
import {
  FileList,
  FileResource,
  PartRequest,
  PartTicket,
  UploadCompletion,
  UploadRequest,
  UploadResource,
  UploadTicket,
} from './files.ts';
import {
  DaysQuery,
  FunnelAnswer,
  MetricAnswer,
  MetricQuery,
  RetentionAnswer,
  TrendAnswer,
  TrendQuery,
} from './metrics.ts';
import { OrderList, OrderRequest, OrderResource } from './orders.ts';
import type { ProblemCode } from './problem.ts';
import { DeviceReadings, DeviceUsage, ReadingsQuery, UsageQuery } from './readings.ts';
import { SearchAnswer, SearchQuery, SimilarAnswer } from './search.ts';
import { SessionList, SessionQuery } from './sessions.ts';
import { DesiredChange, ShadowResource } from './shadows.ts';

/** One operation of the HTTP API: what the router validates and what the OpenAPI document says. */
export interface RouteContract {
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/v1`, with `{name}` parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** False where no token is needed. */
  readonly authenticated: boolean;
  readonly idempotencyKey?: 'required' | 'optional';
  /** Takes a header `If-Match` with the `etag` of an earlier answer. */
  readonly ifMatch?: true;
  readonly query?: z.ZodMiniObject;
  readonly body?: z.ZodMiniType;
  /** Media types of the body; `application/json` where nothing is said. */
  readonly mediaTypes?: readonly string[];
  /** A body of this media type is one entry of the array that `body` says. */
  readonly entryMediaType?: string;
  /** Bytes; `MAX_BODY_BYTES` where nothing is said. */
  readonly maxBodyBytes?: number;
  readonly success: {
    readonly status: 200 | 201 | 202 | 204;
    readonly body?: z.ZodMiniType;
    /** Of a body that is text; JSON where nothing is said. */
    readonly mediaType?: string;
  };
  /** Stable codes besides the common ones (invalid_request, unauthenticated, …). */
  readonly problems?: readonly ProblemCode[];
}

/** The largest body of most operations. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Of a list; `cursor` is opaque and comes from the page before. */
export const Page = z.object({
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(100)), 25),
  cursor: z.optional(z.string().check(z.maxLength(2048))),
});

export const Health = z.object({ status: z.literal('ok'), service: z.string(), stage: z.string() });

export const ROUTES = [
  {
    operationId: 'getHealth',
    method: 'GET',
    path: '/health',
    summary: 'Is the API up?',
    tag: 'service',
    authenticated: false,
    success: { status: 200, body: Health },
  },
  {
    operationId: 'createUpload',
    method: 'POST',
    path: '/uploads',
    summary: 'Announce a file; answers where to PUT it.',
    tag: 'files',
    authenticated: true,
    idempotencyKey: 'optional',
    body: UploadRequest,
    success: { status: 201, body: UploadTicket },
    problems: ['idempotency_key_reused', 'request_in_progress'],
  },
  {
    operationId: 'completeUpload',
    method: 'POST',
    path: '/uploads/{id}/complete',
    summary: 'Say that all bytes are there (joins the parts of a multipart upload).',
    tag: 'files',
    authenticated: true,
    body: UploadCompletion,
    success: { status: 200, body: FileResource },
    problems: ['file_not_found', 'upload_incomplete', 'checksum_mismatch'],
  },
  {
    operationId: 'getUpload',
    method: 'GET',
    path: '/uploads/{id}',
    summary: 'What of an upload is there, and what is missing; renews the URL of a single PUT.',
    tag: 'files',
    authenticated: true,
    success: { status: 200, body: UploadResource },
    problems: ['file_not_found', 'upload_expired'],
  },
  {
    operationId: 'signParts',
    method: 'POST',
    path: '/uploads/{id}/parts',
    summary: 'URLs for parts of a multipart upload, fresh ones, each held to its own checksum.',
    tag: 'files',
    authenticated: true,
    body: PartRequest,
    success: { status: 200, body: PartTicket },
    problems: ['file_not_found', 'upload_expired'],
  },
  {
    operationId: 'listFiles',
    method: 'GET',
    path: '/files',
    summary: 'Files, in the order of their ids.',
    tag: 'files',
    authenticated: true,
    query: Page,
    problems: ['invalid_cursor'],
    success: { status: 200, body: FileList },
  },
  {
    operationId: 'getFile',
    method: 'GET',
    path: '/files/{id}',
    summary: 'A file, its state and its renditions.',
    tag: 'files',
    authenticated: true,
    success: { status: 200, body: FileResource },
    problems: ['file_not_found'],
  },
  {
    operationId: 'getPlaylist',
    method: 'GET',
    path: '/files/{id}/hls/{playlist}',
    summary: 'An HLS playlist of a video, with URLs that a player can open for an hour.',
    tag: 'files',
    authenticated: true,
    success: { status: 200, body: z.string(), mediaType: 'application/vnd.apple.mpegurl' },
    problems: ['file_not_found', 'playlist_not_found', 'playlist_too_long'],
  },
  {
    operationId: 'deleteFile',
    method: 'DELETE',
    path: '/files/{id}',
    summary: 'Delete a file and all that was made from it.',
    tag: 'files',
    authenticated: true,
    success: { status: 204 },
    problems: ['file_not_found'],
  },
  {
    operationId: 'searchFiles',
    method: 'GET',
    path: '/search',
    summary: 'Files that are ready and documents, by the words of their names, titles and texts.',
    tag: 'files',
    authenticated: true,
    query: SearchQuery,
    success: { status: 200, body: SearchAnswer },
    problems: ['invalid_cursor'],
  },
  {
    operationId: 'getDocument',
    method: 'GET',
    path: '/documents/{id}',
    summary: 'The newest state of a document.',
    tag: 'documents',
    authenticated: true,
    success: { status: 200, body: DocumentResource },
    problems: ['document_not_found'],
  },
  {
    operationId: 'listSimilarPictures',
    method: 'GET',
    path: '/files/{id}/similar',
    summary: 'Pictures that look like this one: near-duplicates.',
    tag: 'files',
    authenticated: true,
    success: { status: 200, body: SimilarAnswer },
    problems: ['file_not_found'],
  },
  {
    operationId: 'sendEvents',
    method: 'POST',
    path: '/events',
    summary: 'Put a batch of CloudEvents on the stream.',
    tag: 'events',
    authenticated: true,
    body: EventBatch,
    mediaTypes: [
      'application/json',
      'application/cloudevents-batch+json',
      'application/cloudevents+json',
    ],
    entryMediaType: 'application/cloudevents+json',
    maxBodyBytes: 5 * 1024 * 1024,
    success: { status: 202, body: EventReceipt },
  },
  {
    operationId: 'placeOrder',
    method: 'POST',
    path: '/orders',
    summary: 'Place an order, once per Idempotency-Key.',
    tag: 'orders',
    authenticated: true,
    idempotencyKey: 'required',
    body: OrderRequest,
    success: { status: 201, body: OrderResource },
    problems: [
      'idempotency_key_missing',
      'idempotency_key_reused',
      'request_in_progress',
      'order_total_too_large',
    ],
  },
  {
    operationId: 'listOrders',
    method: 'GET',
    path: '/orders',
    summary: 'Orders, in the order of their ids.',
    tag: 'orders',
    authenticated: true,
    query: Page,
    problems: ['invalid_cursor'],
    success: { status: 200, body: OrderList },
  },
  {
    operationId: 'getOrder',
    method: 'GET',
    path: '/orders/{id}',
    summary: 'An order.',
    tag: 'orders',
    authenticated: true,
    success: { status: 200, body: OrderResource },
    problems: ['order_not_found'],
  },
  {
    operationId: 'getMetric',
    method: 'GET',
    path: '/metrics/{name}',
    summary: 'What a metric counted over time.',
    tag: 'metrics',
    authenticated: true,
    query: MetricQuery,
    success: { status: 200, body: MetricAnswer },
    problems: [
      'metric_not_found',
      'metric_interval_too_short',
      'unknown_dimension',
      'metric_range_too_wide',
      'metric_answer_too_large',
    ],
  },
  {
    operationId: 'getTrends',
    method: 'GET',
    path: '/trends',
    summary: 'What posts speak of more than they use to.',
    tag: 'metrics',
    authenticated: true,
    query: TrendQuery,
    success: { status: 200, body: TrendAnswer },
    problems: ['metric_answer_too_large'],
  },
  {
    operationId: 'getFunnel',
    method: 'GET',
    path: '/funnels/{name}',
    summary: 'How far users came who entered a funnel on these days.',
    tag: 'metrics',
    authenticated: true,
    query: DaysQuery,
    success: { status: 200, body: FunnelAnswer },
    problems: ['funnel_not_found', 'metric_range_too_wide', 'metric_answer_too_large'],
  },
  {
    operationId: 'getRetention',
    method: 'GET',
    path: '/retention',
    summary: 'How many of the users whose first days these are came back, day by day.',
    tag: 'metrics',
    authenticated: true,
    query: DaysQuery,
    success: { status: 200, body: RetentionAnswer },
    problems: ['metric_range_too_wide', 'metric_answer_too_large'],
  },
  {
    operationId: 'listSessions',
    method: 'GET',
    path: '/sessions',
    summary: 'Sessions of visitors, the newest first.',
    tag: 'metrics',
    authenticated: true,
    query: SessionQuery,
    success: { status: 200, body: SessionList },
    problems: ['invalid_cursor', 'metric_range_too_wide'],
  },
  {
    operationId: 'listDevices',
    method: 'GET',
    path: '/devices',
    summary: 'Registered devices, in the order of their ids.',
    tag: 'devices',
    authenticated: true,
    query: Page,
    problems: ['invalid_cursor'],
    success: { status: 200, body: DeviceList },
  },
  {
    operationId: 'registerDevice',
    method: 'POST',
    path: '/devices',
    summary: 'Register a device, so that its readings are taken.',
    tag: 'devices',
    authenticated: true,
    body: DeviceRequest,
    success: { status: 201, body: DeviceResource },
    problems: ['device_id_taken'],
  },
  {
    operationId: 'getDevice',
    method: 'GET',
    path: '/devices/{id}',
    summary: 'A device.',
    tag: 'devices',
    authenticated: true,
    success: { status: 200, body: DeviceResource },
    problems: ['device_not_found'],
  },
  {
    operationId: 'changeDevice',
    method: 'PATCH',
    path: '/devices/{id}',
    summary: 'Give a device another name or quota.',
    tag: 'devices',
    authenticated: true,
    body: DeviceChange,
    success: { status: 200, body: DeviceResource },
    problems: ['device_not_found'],
  },
  {
    operationId: 'disableDevice',
    method: 'POST',
    path: '/devices/{id}/disable',
    summary: 'Take no more of a device: its readings are refused and its certificates inactive.',
    tag: 'devices',
    authenticated: true,
    success: { status: 200, body: DeviceResource },
    problems: ['device_not_found'],
  },
  {
    operationId: 'enableDevice',
    method: 'POST',
    path: '/devices/{id}/enable',
    summary: 'Take readings of a device again.',
    tag: 'devices',
    authenticated: true,
    success: { status: 200, body: DeviceResource },
    problems: ['device_not_found'],
  },
  {
    operationId: 'issueCredentials',
    method: 'POST',
    path: '/devices/{id}/credentials',
    summary: 'A new certificate and key, shown once; the ones before retire after a grace.',
    tag: 'devices',
    authenticated: true,
    idempotencyKey: 'required',
    body: CredentialsRequest,
    success: { status: 201, body: DeviceCredentials },
    problems: [
      'idempotency_key_missing',
      'device_not_found',
      'request_in_progress',
      'credentials_already_issued',
      'too_many_credentials',
    ],
  },
  {
    operationId: 'getReadings',
    method: 'GET',
    path: '/devices/{id}/readings',
    summary: 'What a device measured, by windows of time, and its last values.',
    tag: 'devices',
    authenticated: true,
    query: ReadingsQuery,
    success: { status: 200, body: DeviceReadings },
    problems: ['device_not_found', 'metric_range_too_wide', 'metric_answer_too_large'],
  },
  {
    operationId: 'getUsage',
    method: 'GET',
    path: '/devices/{id}/usage',
    summary: 'What a device used in a month: its bill, and what came too late for others.',
    tag: 'devices',
    authenticated: true,
    query: UsageQuery,
    success: { status: 200, body: DeviceUsage },
    problems: ['device_not_found'],
  },
  {
    operationId: 'openClaim',
    method: 'POST',
    path: '/devices/{id}/claim',
    summary: 'Let a device fetch a certificate of its own, once; the ones before retire.',
    tag: 'devices',
    authenticated: true,
    idempotencyKey: 'required',
    body: ClaimRequest,
    success: { status: 200, body: DeviceResource },
    problems: ['idempotency_key_missing', 'device_not_found'],
  },
  {
    operationId: 'closeClaim',
    method: 'DELETE',
    path: '/devices/{id}/claim',
    summary: 'Let a device fetch no certificate any more.',
    tag: 'devices',
    authenticated: true,
    success: { status: 200, body: DeviceResource },
    problems: ['device_not_found'],
  },
  {
    operationId: 'getShadow',
    method: 'GET',
    path: '/devices/{id}/shadow',
    summary: 'What a device should be, and what it says it is.',
    tag: 'devices',
    authenticated: true,
    success: { status: 200, body: ShadowResource },
    problems: ['device_not_found'],
  },
  {
    operationId: 'changeDesired',
    method: 'PATCH',
    path: '/devices/{id}/desired',
    summary: 'Say what a device should be.',
    tag: 'devices',
    authenticated: true,
    ifMatch: true,
    body: DesiredChange,
    success: { status: 200, body: ShadowResource },
    problems: ['device_not_found', 'precondition_failed'],
  },
  {
    operationId: 'sendCommand',
    method: 'POST',
    path: '/devices/{id}/commands',
    summary: 'Have a device do something, once per Idempotency-Key.',
    tag: 'devices',
    authenticated: true,
    idempotencyKey: 'required',
    body: CommandRequest,
    success: { status: 202, body: CommandResource },
    problems: [
      'idempotency_key_missing',
      'idempotency_key_reused',
      'device_not_found',
      'device_is_disabled',
    ],
  },
  {
    operationId: 'listCommands',
    method: 'GET',
    path: '/devices/{id}/commands',
    summary: 'Commands of a device, the newest first.',
    tag: 'devices',
    authenticated: true,
    query: Page,
    success: { status: 200, body: CommandList },
    problems: ['device_not_found', 'invalid_cursor'],
  },
  {
    operationId: 'getCommand',
    method: 'GET',
    path: '/devices/{id}/commands/{commandId}',
    summary: 'A command and what became of it.',
    tag: 'devices',
    authenticated: true,
    success: { status: 200, body: CommandResource },
    problems: ['device_not_found', 'command_not_found'],
  },
  {
    operationId: 'deleteDevice',
    method: 'DELETE',
    path: '/devices/{id}',
    summary: 'Delete a device with its certificates; what it has sent stays.',
    tag: 'devices',
    authenticated: true,
    success: { status: 204 },
    problems: ['device_not_found'],
  },
] as const satisfies readonly RouteContract[];

export type OperationId = (typeof ROUTES)[number]['operationId'];

export type Route<Id extends OperationId> = Extract<(typeof ROUTES)[number], { operationId: Id }>;
