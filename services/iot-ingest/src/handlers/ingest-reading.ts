import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import {
  dynamoDeadLetters,
  functionHandler,
  MetricUnit,
  metrics,
  readConfig,
  traceClient,
} from '@millrace/middleware';
import { deadLetterRefusedMessages } from '../adapters/dead-letter-refused-messages.ts';
import { dynamoDeviceRegistry } from '../adapters/dynamo-device-registry.ts';
import { kinesisEventStream } from '../adapters/kinesis-event-stream.ts';
import { mqttDeviceNotices } from '../adapters/mqtt-device-notices.ts';
import { rememberingDeviceRegistry } from '../adapters/remembering-device-registry.ts';
import { readRuleEvent } from '../adapters/rule-event.ts';
import { IngestReadingConfig } from '../config.ts';
import { ingestReading } from '../domain/ingest-reading.ts';

const config = readConfig(IngestReadingConfig);
const dynamo = traceClient(new DynamoDBClient({}));
const kinesis = traceClient(new KinesisClient({}));
const notices = mqttDeviceNotices(traceClient(new IoTDataPlaneClient({})));
const deadLetters = dynamoDeadLetters({ client: dynamo, table: config.DEAD_LETTERS_TABLE });
const registry = rememberingDeviceRegistry(dynamoDeviceRegistry(dynamo, config.DEVICES_TABLE), {
  ttlMs: config.REGISTRY_TTL_MS,
});
/** Kept back to answer before Lambda's timeout, milliseconds. */
const RESERVE_MS = 2_000;

export const handler = functionHandler(async (event: unknown, invocation) => {
  const outcome = await ingestReading(readRuleEvent(event), {
    registry,
    notices,
    refused: deadLetterRefusedMessages(deadLetters, invocation.functionName),
    stream: kinesisEventStream({
      client: kinesis,
      stream: config.EVENTS_STREAM,
      hasTimeFor: (delay) => invocation.remainingMs() - delay > RESERVE_MS,
    }),
  });
  const counted = outcome === 'accepted' ? 'ReadingsAccepted' : 'RecordsDeadLettered';
  metrics.addMetric(counted, MetricUnit.Count, 1);
});
