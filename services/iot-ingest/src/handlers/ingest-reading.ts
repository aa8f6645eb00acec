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
import { dynamoQuotaCounter } from '../adapters/dynamo-quota-counter.ts';
import { kinesisEventStream } from '../adapters/kinesis-event-stream.ts';
import { mqttDeviceNotices } from '../adapters/mqtt-device-notices.ts';
import { rememberingDeviceRegistry } from '../adapters/remembering-device-registry.ts';
import { readRuleEvent } from '../adapters/rule-event.ts';
import { IngestReadingConfig } from '../config.ts';
import { ingestReading } from '../domain/ingest-reading.ts';
import { leasedQuotas } from '../domain/quota/device-quotas.ts';

const config = readConfig(IngestReadingConfig);
const dynamo = traceClient(new DynamoDBClient({}));
const kinesis = traceClient(new KinesisClient({}));
const notices = mqttDeviceNotices(traceClient(new IoTDataPlaneClient({})));
const deadLetters = dynamoDeadLetters({ client: dynamo, table: config.DEAD_LETTERS_TABLE });
const registry = rememberingDeviceRegistry(dynamoDeviceRegistry(dynamo, config.DEVICES_TABLE), {
  ttlMs: config.REGISTRY_TTL_MS,
});
const quotas = leasedQuotas(dynamoQuotaCounter(dynamo, config.QUOTAS_TABLE));
/** Counted apart, so that each has its alarm. */
const COUNTED = {
  accepted: 'ReadingsAccepted',
  rejected: 'RecordsDeadLettered',
  over_quota: 'ReadingsOverQuota',
} as const;
/** Kept back to answer before Lambda's timeout, milliseconds. */
const RESERVE_MS = 2_000;

export const handler = functionHandler(async (event: unknown, invocation) => {
  const outcome = await ingestReading(readRuleEvent(event), {
    registry,
    quotas,
    notices,
    refused: deadLetterRefusedMessages(deadLetters, invocation.functionName),
    stream: kinesisEventStream({
      client: kinesis,
      stream: config.EVENTS_STREAM,
      hasTimeFor: (delay) => invocation.remainingMs() - delay > RESERVE_MS,
    }),
  });
  metrics.addMetric(COUNTED[outcome], MetricUnit.Count, 1);
  // For operators who invoke it again; AWS IoT does not wait for it.
  return { outcome };
});
