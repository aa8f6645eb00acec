import { cognitoTokens, createHttpHandler } from '@millrace/middleware/http';
import { kinesisClient } from '../adapters/clients.ts';
import { kinesisEventStream } from '../adapters/kinesis-event-stream.ts';
import { readEventsConfig, userPoolOf } from '../config.ts';
import { eventOperations } from '../operations/events.ts';

const config = readEventsConfig();

export const handler = createHttpHandler({
  verifyToken: cognitoTokens(userPoolOf(config)),
  operations: eventOperations({
    stream: kinesisEventStream(kinesisClient(), config.EVENTS_STREAM),
  }),
});
