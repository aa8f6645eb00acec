import { cognitoTokens, createHttpHandler } from '@millrace/middleware/http';
import { documentsOf, dynamoClient } from '../adapters/clients.ts';
import { dynamoSessionStore } from '../adapters/dynamo-session-store.ts';
import { readSessionsConfig, userPoolOf } from '../config.ts';
import { sessionOperations } from '../operations/sessions.ts';

const config = readSessionsConfig();

export const handler = createHttpHandler({
  verifyToken: cognitoTokens(userPoolOf(config)),
  operations: sessionOperations({
    sessions: dynamoSessionStore({
      client: documentsOf(dynamoClient()),
      name: config.STATES_TABLE,
    }),
  }),
});
