import { Logger } from '@aws-lambda-powertools/logger';

export type { Logger };

/**
 * JSON lines with the service, the request id and the X-Ray trace id of the invocation.
 * Never log personal data: ids, counts and codes only; no payloads.
 * Level: `POWERTOOLS_LOG_LEVEL` (default INFO).
 */
export const logger = new Logger();
