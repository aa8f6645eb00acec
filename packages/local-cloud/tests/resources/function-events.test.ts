import { describe, expect, it } from 'vitest';
import { functionTriggers } from '../../src/resources/events/function-events.ts';

function parse(...events: Record<string, unknown>[]) {
  const warnings: string[] = [];
  const triggers = functionTriggers(events, {
    functionName: 'millrace-etl-local-load',
    key: 'load',
    stackName: 'millrace-etl-local',
    warn: (message) => warnings.push(message),
  });
  return { triggers, warnings };
}

const streamArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/events';

describe('events of a function', () => {
  it("gives a stream event the framework's and Lambda's defaults", () => {
    expect(parse({ stream: streamArn }).triggers).toEqual([
      {
        kind: 'kinesis',
        functionName: 'millrace-etl-local-load',
        sourceArn: streamArn,
        enabled: true,
        batchSize: 10,
        batchWindowSeconds: 0,
        startingPosition: 'TRIM_HORIZON',
        parallelizationFactor: 1,
        maximumRetryAttempts: -1,
        maximumRecordAgeSeconds: -1,
        bisectBatchOnFunctionError: false,
        reportBatchItemFailures: false,
        tumblingWindowSeconds: 0,
        filterPatterns: [],
      },
    ]);
  });

  it('takes every setting of a stream event', () => {
    const { triggers, warnings } = parse({
      stream: {
        type: 'dynamodb',
        arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/files/stream/local',
        enabled: false,
        batchSize: 7,
        batchWindow: 3,
        startingPosition: 'LATEST',
        parallelizationFactor: 4,
        maximumRetryAttempts: 5,
        maximumRecordAgeInSeconds: 120,
        bisectBatchOnFunctionError: true,
        functionResponseType: 'ReportBatchItemFailures',
        tumblingWindowInSeconds: 60,
        filterPatterns: [{ eventName: ['INSERT'] }],
        destinations: { onFailure: { type: 'sqs', arn: 'arn:aws:sqs:us-east-1:0:dead' } },
      },
    });
    expect(warnings).toEqual([]);
    expect(triggers[0]).toMatchObject({
      kind: 'dynamodb',
      enabled: false,
      batchSize: 7,
      batchWindowSeconds: 3,
      startingPosition: 'LATEST',
      parallelizationFactor: 4,
      maximumRetryAttempts: 5,
      maximumRecordAgeSeconds: 120,
      bisectBatchOnFunctionError: true,
      reportBatchItemFailures: true,
      tumblingWindowSeconds: 60,
      filterPatterns: [{ eventName: ['INSERT'] }],
      onFailureArn: 'arn:aws:sqs:us-east-1:0:dead',
    });
  });

  it('reads the stream behind a consumer of enhanced fan-out', () => {
    const { triggers } = parse({ stream: { arn: `${streamArn}/consumer/fast:1` } });
    expect(triggers[0]).toMatchObject({ kind: 'kinesis', sourceArn: streamArn });
  });

  it('takes the bucket, event and rules of an s3 event', () => {
    const { triggers } = parse(
      { s3: 'plain' },
      {
        s3: {
          bucket: 'uploads',
          event: 's3:ObjectRemoved:*',
          rules: [{ prefix: 'in/' }, { suffix: '.csv' }],
          existing: true,
        },
      },
    );
    expect(triggers).toEqual([
      {
        kind: 's3',
        functionName: 'millrace-etl-local-load',
        bucket: 'plain',
        event: 's3:ObjectCreated:*',
      },
      {
        kind: 's3',
        functionName: 'millrace-etl-local-load',
        bucket: 'uploads',
        event: 's3:ObjectRemoved:*',
        prefix: 'in/',
        suffix: '.csv',
      },
    ]);
  });

  it('makes one schedule of each rate, with stable names', () => {
    const { triggers } = parse(
      { schedule: 'rate(5 minutes)' },
      {
        schedule: { rate: ['rate(1 hour)', 'cron(0 3 * * ? *)'], input: '{"a":1}', enabled: false },
      },
    );
    expect(triggers).toMatchObject([
      { name: 'millrace-etl-local-load-schedule-1', expression: 'rate(5 minutes)', enabled: true },
      { name: 'millrace-etl-local-load-schedule-2-1', expression: 'rate(1 hour)', enabled: false },
      {
        name: 'millrace-etl-local-load-schedule-2-2',
        expression: 'cron(0 3 * * ? *)',
        input: { a: 1 },
      },
    ]);
  });

  it('names a topic rule with the letters that AWS allows', () => {
    const { triggers } = parse({ iot: { sql: "SELECT * FROM 'a'" } });
    expect(triggers).toEqual([
      {
        kind: 'iot',
        ruleName: 'millrace_etl_local_load_1',
        sql: "SELECT * FROM 'a'",
        enabled: true,
        actions: [{ kind: 'lambda', functionName: 'millrace-etl-local-load' }],
      },
    ]);
  });

  it('takes the settings of an sqs event', () => {
    const { triggers } = parse({
      sqs: {
        arn: 'arn:aws:sqs:us-east-1:0:inbox',
        batchSize: 50,
        maximumBatchingWindow: 2,
        maximumConcurrency: 3,
        functionResponseType: 'ReportBatchItemFailures',
      },
    });
    expect(triggers[0]).toMatchObject({
      kind: 'sqs',
      batchSize: 50,
      batchWindowSeconds: 2,
      maximumConcurrency: 3,
      reportBatchItemFailures: true,
    });
  });

  it('leaves HTTP events to serverless-offline and warns of events that do not fire', () => {
    const { triggers, warnings } = parse({ httpApi: 'GET /' }, { sns: 'topic' });
    expect(triggers).toEqual([]);
    expect(warnings).toEqual(['events of type sns do not fire locally']);
  });
});
