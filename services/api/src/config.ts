import { readConfig } from '@millrace/middleware';
import * as z from 'zod/mini';

const name = z.string().check(z.minLength(1));

/** The user pool whose ID tokens are taken. */
const userPool = {
  USER_POOL_ISSUER: z.url(),
  USER_POOL_JWKS_URL: z.url(),
  USER_POOL_CLIENT_ID: name,
};

export const readHealthConfig = () =>
  readConfig(z.object({ STAGE: name, USER_POOL_ISSUER: z.url() }));

export const readUploadsConfig = () =>
  readConfig(
    z.object({ ...userPool, FILES_TABLE: name, IDEMPOTENCY_TABLE: name, UPLOADS_BUCKET: name }),
  );

export const readFilesConfig = () =>
  readConfig(z.object({ ...userPool, FILES_TABLE: name, UPLOADS_BUCKET: name }));

export const readSearchConfig = () =>
  readConfig(
    z.object({ ...userPool, DOCUMENTS_TABLE: name, FILES_TABLE: name, SEARCH_TABLE: name }),
  );

export const readEventsConfig = () => readConfig(z.object({ ...userPool, EVENTS_STREAM: name }));

export const readOrdersConfig = () =>
  readConfig(
    z.object({ ...userPool, ORDERS_TABLE: name, IDEMPOTENCY_TABLE: name, EVENTS_STREAM: name }),
  );

export const readMetricsConfig = () => readConfig(z.object({ ...userPool, METRICS_TABLE: name }));

export const readSessionsConfig = () => readConfig(z.object({ ...userPool, STATES_TABLE: name }));

export const readDevicesConfig = () => readConfig(z.object({ ...userPool, DEVICES_TABLE: name }));

export const readDeviceReadingsConfig = () =>
  readConfig(z.object({ ...userPool, DEVICES_TABLE: name, STATES_TABLE: name }));

const deviceAccess = { DEVICES_TABLE: name, DEVICE_TASKS_TABLE: name, DEVICE_POLICY: name };

export const readDeviceAccessConfig = () => readConfig(z.object({ ...userPool, ...deviceAccess }));

export const readTendDevicesConfig = () => readConfig(z.object(deviceAccess));

export const readDeviceControlConfig = () =>
  readConfig(
    z.object({ ...userPool, DEVICES_TABLE: name, COMMANDS_TABLE: name, IDEMPOTENCY_TABLE: name }),
  );

/** As `cognitoTokens` wants it. */
export function userPoolOf(config: {
  readonly USER_POOL_ISSUER: string;
  readonly USER_POOL_JWKS_URL: string;
  readonly USER_POOL_CLIENT_ID: string;
}) {
  return {
    issuer: config.USER_POOL_ISSUER,
    jwksUrl: config.USER_POOL_JWKS_URL,
    clientId: config.USER_POOL_CLIENT_ID,
  };
}
