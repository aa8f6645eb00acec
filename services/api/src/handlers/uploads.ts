import { cognitoTokens, createHttpHandler, dynamoOncePerKey } from '@millrace/middleware/http';
import { documentsOf, dynamoClient, s3Client } from '../adapters/clients.ts';
import { dynamoFileStore } from '../adapters/dynamo-file-store.ts';
import { s3Media } from '../adapters/s3-media.ts';
import { s3Uploads } from '../adapters/s3-uploads.ts';
import { readUploadsConfig, userPoolOf } from '../config.ts';
import { uploadOperations } from '../operations/uploads.ts';

const config = readUploadsConfig();
const dynamo = dynamoClient();
const s3 = s3Client();

export const handler = createHttpHandler({
  verifyToken: cognitoTokens(userPoolOf(config)),
  operations: uploadOperations({
    files: dynamoFileStore({ client: documentsOf(dynamo), name: config.FILES_TABLE }),
    uploads: s3Uploads(s3, config.UPLOADS_BUCKET),
    media: s3Media(s3),
    once: dynamoOncePerKey(dynamo, config.IDEMPOTENCY_TABLE),
  }),
});
