import { isObject, type Json, type JsonObject } from './merge.ts';

/** What the shadow service refuses, with the code and the words of AWS. */
export class ShadowError extends Error {
  readonly code: 400 | 404 | 409 | 413;
  readonly clientToken: string | undefined;

  constructor(code: ShadowError['code'], message: string, clientToken?: string) {
    super(message);
    this.name = 'ShadowError';
    this.code = code;
    this.clientToken = clientToken;
  }
}

export interface UpdateRequest {
  /** As sent: null removes the whole section. */
  readonly desired: JsonObject | null | undefined;
  readonly reported: JsonObject | null | undefined;
  readonly version: number | undefined;
  readonly clientToken: string | undefined;
}

/** https://docs.aws.amazon.com/general/latest/gr/iot-core.html#device-shadow-limits */
export const MAX_STATE_BYTES = 8 * 1024;
const MAX_LEVELS = 8;
const MAX_TOKEN_BYTES = 64;

/**
 * Reads the payload of an update.
 * https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-error-messages.html
 *
 * @throws ShadowError
 */
export function readUpdate(payload: Uint8Array): UpdateRequest {
  const document = readDocument(payload);
  const clientToken = tokenOf(document);
  const refuse = (message: string) => new ShadowError(400, message, clientToken);
  const { state, version } = document;
  if (state === undefined) throw refuse('Missing required node: state');
  if (!isObject(state)) throw refuse('State node must be an object');
  if (version !== undefined && !isVersion(version)) throw refuse('Invalid version');
  const section = (name: 'desired' | 'reported', title: string) => {
    const value = Object.hasOwn(state, name) ? state[name] : undefined;
    if (value === undefined || value === null) return value;
    if (!isObject(value)) throw refuse(`${title} node must be an object`);
    if (levels(value) > MAX_LEVELS) {
      throw refuse(`JSON contains too many levels of nesting; maximum is ${MAX_LEVELS}`);
    }
    if (hasNullInList(value)) throw refuse('State contains an invalid node');
    return value;
  };
  if (Object.keys(state).some((name) => name !== 'desired' && name !== 'reported')) {
    throw refuse('State contains an invalid node');
  }
  return {
    desired: section('desired', 'Desired'),
    reported: section('reported', 'Reported'),
    version,
    clientToken,
  };
}

/** The client token of a request that may be empty. @throws ShadowError */
export function readToken(payload: Uint8Array): string | undefined {
  return payload.length === 0 ? undefined : tokenOf(readDocument(payload));
}

function readDocument(payload: Uint8Array): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw new ShadowError(400, 'Invalid JSON');
  }
  if (!isObject(value)) throw new ShadowError(400, 'Invalid JSON');
  return value;
}

function tokenOf({ clientToken }: JsonObject): string | undefined {
  if (clientToken === undefined) return undefined;
  if (typeof clientToken === 'string' && Buffer.byteLength(clientToken) <= MAX_TOKEN_BYTES) {
    return clientToken;
  }
  throw new ShadowError(400, 'Invalid clientToken');
}

function isVersion(value: Json): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function levels(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(levels));
}

function hasNullInList(value: Json): boolean {
  if (Array.isArray(value)) return value.some((one: Json) => one === null || hasNullInList(one));
  return isObject(value) && Object.values(value).some(hasNullInList);
}
