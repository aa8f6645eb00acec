import { cognitoTokens, createHttpHandler } from '@millrace/middleware/http';
import { documentsOf, dynamoClient, s3Client } from '../adapters/clients.ts';
import { dynamoFileStore } from '../adapters/dynamo-file-store.ts';
import { s3Media, s3Playlists } from '../adapters/s3-media.ts';
import { s3Uploads } from '../adapters/s3-uploads.ts';
import { readFilesConfig, userPoolOf } from '../config.ts';
import { fileOperations } from '../operations/files.ts';

const config = readFilesConfig();
const s3 = s3Client();

export const handler = createHttpHandler({
  verifyToken: cognitoTokens(userPoolOf(config)),
  operations: fileOperations({
    files: dynamoFileStore({ client: documentsOf(dynamoClient()), name: config.FILES_TABLE }),
    uploads: s3Uploads(s3, config.UPLOADS_BUCKET),
    media: s3Media(s3),
    playlists: s3Playlists(s3),
  }),
});
