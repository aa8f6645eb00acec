// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation's.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FunctionRegistration, ServiceRegistration } from '../../src/ports.ts';
import { createProvisioner, type Provisioner } from '../../src/resources/index.ts';
import { type CloudState, openState } from '../../src/state.ts';

let folder: string;
let state: CloudState;
let buckets: Map<string, unknown>;
let provisioner: Provisioner;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-provisioner-'));
  open();
});

afterEach(() => {
  state.close();
  rmSync(folder, { recursive: true });
});

function open() {
  state = openState(folder);
  buckets = new Map();
  provisioner = createProvisioner({
    state,
    // Nothing in these tests reaches an engine: those tests run against the real ones.
    edgeUrl: 'http://127.0.0.1:9',
    region: 'us-east-1',
    accountId: '000000000000',
    buckets: {
      ensureBucket(name, settings) {
        buckets.set(name, settings);
        return Promise.resolve();
      },
    },
    iot: { ensurePolicy: () => {}, ensureTemplate: () => {} },
  });
}

type Template = Partial<ServiceRegistration['template']>;

function registration(
  template: Template,
  functions: Partial<FunctionRegistration>[] = [],
  service = 'millrace-sample',
): ServiceRegistration {
  return {
    service,
    stage: 'local',
    region: 'us-east-1',
    accountId: '000000000000',
    template: { Resources: {}, Outputs: {}, ...template },
    functions: functions.map((given) => ({
      key: 'work',
      name: `${service}-local-work`,
      timeoutSeconds: 6,
      memoryMb: 128,
      environment: {},
      events: [],
      ...given,
    })),
  };
}

describe('registering a service', () => {
  it('creates resources after those that they refer to, however the template orders them', async () => {
    const result = await provisioner.register(
      registration(
        {
          Resources: {
            Rule: {
              Type: 'AWS::IoT::TopicRule',
              Properties: {
                RuleName: 'sample_rule',
                TopicRulePayload: {
                  Sql: "SELECT * FROM 'x'",
                  Actions: [
                    { Lambda: { FunctionArn: { 'Fn::GetAtt': ['WorkLambdaFunction', 'Arn'] } } },
                  ],
                  ErrorAction: { Republish: { Topic: { Ref: 'Bucket' }, Qos: 1 } },
                },
              },
            },
            Bucket: { Type: 'AWS::S3::Bucket' },
          },
        },
        [{ environment: { BUCKET: { Ref: 'Bucket' }, LIMIT: 5 } }],
      ),
    );
    expect(result.warnings).toEqual([]);
    expect(result.environment).toEqual({
      work: { BUCKET: 'millrace-sample-local-bucket', LIMIT: '5' },
    });
    expect(result.triggers).toEqual([
      {
        kind: 'iot',
        ruleName: 'sample_rule',
        sql: "SELECT * FROM 'x'",
        enabled: true,
        actions: [{ kind: 'lambda', functionName: 'millrace-sample-local-work' }],
        errorAction: { kind: 'republish', topic: 'millrace-sample-local-bucket', qos: 1 },
      },
    ]);
  });

  it('warns once of each unsupported type and property, with service and logical id', async () => {
    const { warnings } = await provisioner.register(
      registration({
        Resources: {
          Graph: { Type: 'AWS::Neptune::DBCluster' },
          Drop: { Type: 'AWS::S3::Bucket', Properties: { ReplicationConfiguration: {}, Tags: [] } },
          Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Whatever: { Ref: 'Nowhere' } } },
          Role: { Type: 'AWS::IAM::Role' },
        },
      }),
    );
    expect(warnings).toEqual([
      'millrace-sample: Graph (AWS::Neptune::DBCluster): this resource type does not exist locally; it is left out',
      'millrace-sample: Drop (AWS::S3::Bucket): the property ReplicationConfiguration has no effect locally',
    ]);
  });

  it('gives silent resources an ARN to refer to', async () => {
    const { outputs } = await provisioner.register(
      registration({
        Resources: { Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'reader' } } },
        Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
      }),
    );
    expect(outputs).toEqual({ Arn: 'arn:aws:iam::000000000000:role/reader' });
  });

  it('leaves out a resource whose condition does not hold', async () => {
    await provisioner.register(
      registration({
        Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
        Resources: { Drop: { Type: 'AWS::S3::Bucket', Condition: 'Never' } },
      }),
    );
    expect([...buckets.keys()]).toEqual([]);
  });

  it('hands an export of one service to another, also after a restart', async () => {
    await provisioner.register(
      registration({
        Outputs: {
          Out: { Value: 'arn:x', Export: { Name: { 'Fn::Sub': '${AWS::StackName}-x' } } },
        },
      }),
    );
    state.close();
    open();
    const importing = { environment: { X: { 'Fn::ImportValue': 'millrace-sample-local-x' } } };
    const { environment, warnings } = await provisioner.register(
      registration({}, [importing], 'millrace-other'),
    );
    expect(environment).toEqual({ work: { X: 'arn:x' } });
    expect(warnings).toEqual([]);
  });

  it('creates the bucket of an s3 event unless it exists or the template declares it', async () => {
    await provisioner.register(
      registration(
        {
          Resources: {
            Own: {
              Type: 'AWS::S3::Bucket',
              Properties: {
                BucketName: 'own',
                CorsConfiguration: {
                  CorsRules: [{ AllowedMethods: ['PUT'], AllowedOrigins: ['*'] }],
                },
              },
            },
          },
        },
        [
          {
            events: [
              { s3: 'implied' },
              { s3: 'own' },
              { s3: { bucket: 'theirs', existing: true } },
            ],
          },
        ],
      ),
    );
    expect([...buckets.keys()].sort()).toEqual(['implied', 'own']);
    expect(buckets.get('own')).toMatchObject({ cors: [{ allowedMethods: ['PUT'] }] });
  });

  it('resolves the asynchronous destinations of a function', async () => {
    const { functions } = await provisioner.register(
      registration({}, [
        { destinations: { onFailure: 'arn:aws:sqs:us-east-1:0:dead', onSuccess: 'next' } },
        { key: 'next', name: 'millrace-sample-local-next', maximumRetryAttempts: 0 },
      ]),
    );
    expect(functions.map(({ async }) => async)).toEqual([
      {
        maximumRetryAttempts: 2,
        maximumEventAgeSeconds: 21_600,
        onFailureArn: 'arn:aws:sqs:us-east-1:0:dead',
        onSuccessArn: 'arn:aws:lambda:us-east-1:000000000000:function:millrace-sample-local-next',
      },
      { maximumRetryAttempts: 0, maximumEventAgeSeconds: 21_600 },
    ]);
  });

  it('remembers triggers and functions for the next start of the cloud', async () => {
    const { triggers, functions } = await provisioner.register(
      registration({}, [{ events: [{ schedule: 'rate(1 hour)' }] }]),
    );
    state.close();
    open();
    expect(provisioner.registered()).toEqual([{ service: 'millrace-sample', triggers, functions }]);
  });

  it('rejects resources that refer to each other in a circle, naming them', async () => {
    const circle = registration({
      Resources: {
        A: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: 'B' } } },
        B: { Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: 'A' } } },
      },
    });
    await expect(provisioner.register(circle)).rejects.toMatchObject({
      code: 'RESOURCE_CYCLE',
      message: expect.stringContaining('A, B'),
    });
  });
});

describe('resources.extensions', () => {
  it('change the mappings and asynchronous settings that the framework makes', async () => {
    const bucketArn = { 'Fn::GetAtt': ['Failures', 'Arn'] };
    const OnFailure = { Destination: bucketArn };
    const result = await provisioner.register(
      registration(
        {
          Resources: {
            Failures: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'failures' } },
          },
          extensions: {
            WorkEventSourceMappingKinesisEvents: {
              Properties: {
                DestinationConfig: { OnFailure },
                FilterCriteria: { Filters: [{ Pattern: '{"data":{"type":["order"]}}' }] },
                MaximumRetryAttempts: 3,
              },
            },
            WorkLambdaEvConf: { Properties: { DestinationConfig: { OnFailure } } },
          },
        },
        [
          {
            events: [
              {
                stream: {
                  type: 'kinesis',
                  arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/Events',
                  batchSize: 50,
                  maximumRetryAttempts: 1,
                },
              },
            ],
          },
        ],
      ),
    );
    expect(result.triggers).toMatchObject([
      {
        kind: 'kinesis',
        batchSize: 50,
        maximumRetryAttempts: 3,
        onFailureArn: 'arn:aws:s3:::failures',
        filterPatterns: ['{"data":{"type":["order"]}}'],
      },
    ]);
    expect(result.functions[0]?.async.onFailureArn).toBe('arn:aws:s3:::failures');
  });
});
