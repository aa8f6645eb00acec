import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  dynamoDeadLetters,
  functionHandler,
  MetricUnit,
  metrics,
  readConfig,
  traceClient,
} from '@millrace/middleware';
import { deadLetterRefusedMessages } from '../adapters/dead-letter-refused-messages.ts';
import { dynamoCommandResults } from '../adapters/dynamo-command-results.ts';
import { dynamoQuotaCounter } from '../adapters/dynamo-quota-counter.ts';
import { readResultEvent } from '../adapters/rule-event.ts';
import { RecordResultConfig } from '../config.ts';
import { recordResult } from '../domain/commands/record-result.ts';
import { leasedQuotas } from '../domain/quota/device-quotas.ts';

const config = readConfig(RecordResultConfig);
const client = traceClient(new DynamoDBClient({}));
const commands = dynamoCommandResults(client, config.COMMANDS_TABLE);
const quotas = leasedQuotas(dynamoQuotaCounter(client, config.QUOTAS_TABLE));
const deadLetters = dynamoDeadLetters({ client, table: config.DEAD_LETTERS_TABLE });
const COUNTED = {
  recorded: 'ResultsRecorded',
  late: 'ResultsLate',
  repeated: 'ResultsRepeated',
  unknown: 'RecordsDeadLettered',
  refused: 'RecordsDeadLettered',
  over_quota: 'ResultsOverQuota',
} as const;

export const handler = functionHandler(async (event: unknown, { functionName }) => {
  const refused = deadLetterRefusedMessages(deadLetters, functionName);
  const outcome = await recordResult(readResultEvent(event), { commands, quotas, refused });
  metrics.addMetric(COUNTED[outcome], MetricUnit.Count, 1);
  // For operators who invoke it again; AWS IoT does not wait for it.
  return { outcome };
});
