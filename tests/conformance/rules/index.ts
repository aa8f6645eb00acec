import type { Rule } from '../rule.ts';
import { asynchronousRules } from './asynchronous/index.ts';
import { dynamodbRules } from './dynamodb/index.ts';
import { eventSourceMappings } from './event-source-mappings/index.ts';
import { iotRules } from './iot/index.ts';
import { kinesis } from './kinesis/index.ts';
import { s3Rules } from './s3/index.ts';
import { scheduleRules } from './schedules/index.ts';
import { sqsRules } from './sqs/index.ts';

/** Every rule, in the order of the page. An area is a folder; each of its files exports a list. */
export const rules: readonly Rule[] = [
  ...eventSourceMappings,
  ...kinesis,
  ...dynamodbRules,
  ...s3Rules,
  ...sqsRules,
  ...asynchronousRules,
  ...iotRules,
  ...scheduleRules,
];
