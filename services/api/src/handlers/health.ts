import { createHttpHandler } from '@millrace/middleware/http';
import { readHealthConfig } from '../config.ts';
import { apiDocument } from '../domain/api-document.ts';

const { STAGE, USER_POOL_ISSUER } = readHealthConfig();
let document: string | undefined;

/** Health, the OpenAPI document, and the refusal of every route that there is not. */
export const handler = createHttpHandler({
  operations: {
    getHealth: async () => ({ body: { status: 'ok', service: 'millrace-api', stage: STAGE } }),
  },
  documents: {
    '/openapi.json': () => {
      document ??= JSON.stringify(apiDocument(USER_POOL_ISSUER));
      return document;
    },
  },
});
