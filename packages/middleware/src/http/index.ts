export { type Encodable, ExactNumber } from './answer.ts';
export { isBusy } from './busy.ts';
export type { HttpAnswer, HttpEvent } from './gateway.ts';
export { createHttpHandler, type HttpHandlerOptions } from './http-handler.ts';
export { dynamoOncePerKey, type OncePerKey, type OnceRequest } from './idempotency.ts';
export { type OpenApiOptions, openApiDocument } from './openapi.ts';
export type { Operation, OperationAnswer, OperationRequest, Operations } from './operations.ts';
export { type Caller, cognitoTokens, type TokenVerifier } from './tokens.ts';
