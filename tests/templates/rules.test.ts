import { describe, expect, it } from 'vitest';
import type { Template } from './package-service.ts';
import { RULES } from './rules.ts';

/** A service that breaks every rule of the house: each rule must find it. */
const CARELESS: Template = {
  Resources: {
    Fn: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'careless',
        Timeout: 30,
        Role: { 'Fn::GetAtt': ['Shared', 'Arn'] },
      },
    },
    Other: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: 'other', Timeout: 30, Role: { 'Fn::GetAtt': ['Shared', 'Arn'] } },
    },
    Shared: {
      Type: 'AWS::IAM::Role',
      Properties: {
        Policies: [{ PolicyDocument: { Statement: [{ Action: ['s3:*'], Resource: '*' }] } }],
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        StartingPosition: 'LATEST',
        MaximumRetryAttempts: -1,
        FunctionName: { Ref: 'Fn' },
      },
    },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } },
    QueueMapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
        FunctionName: { Ref: 'Fn' },
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: { Principal: 's3.amazonaws.com', FunctionName: { 'Fn::GetAtt': ['Fn', 'Arn'] } },
    },
    Rule: { Type: 'AWS::IoT::TopicRule', Properties: { TopicRulePayload: {} } },
    Logs: { Type: 'AWS::Logs::LogGroup', Properties: {} },
    Table: { Type: 'AWS::DynamoDB::Table', Properties: {} },
    Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
    Stream: { Type: 'AWS::Kinesis::Stream', Properties: {} },
  },
};

const roleFor = (statement: object, properties: object = {}): Template => ({
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: { ...properties, Policies: [{ PolicyDocument: { Statement: [statement] } }] },
    },
  },
});

describe('least privilege', () => {
  const rule = RULES.find(({ name }) => name.startsWith('no policy has a wildcard'));

  it.each([
    ['every bucket', roleFor({ Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::*' })],
    [
      'every table',
      roleFor({
        Action: ['dynamodb:GetItem'],
        Resource: { 'Fn::Join': ['', ['arn:aws:dynamodb:us-east-1:1:table/', '*']] },
      }),
    ],
    [
      'every topic',
      roleFor({
        Action: ['iot:Publish'],
        Resource: { 'Fn::Join': ['', ['arn:aws:iot:', { Ref: 'AWS::Region' }, ':1:topic/*']] },
      }),
    ],
    [
      'a managed policy',
      roleFor(
        { Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::b/k' },
        { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] },
      ),
    ],
    ['a policy of its own', { Resources: { P: { Type: 'AWS::IAM::Policy', Properties: {} } } }],
  ])('is broken by %s', (_, template) => {
    expect(rule?.violations(template)).toHaveLength(1);
  });

  it('is kept by the objects of one bucket and X-Ray', () => {
    const objects = {
      Action: ['s3:GetObject'],
      Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, '/*']] },
    };
    expect(rule?.violations(roleFor(objects))).toEqual([]);
    expect(rule?.violations(roleFor({ Action: ['xray:PutTraceSegments'], Resource: '*' }))).toEqual(
      [],
    );
  });
});

describe('the rules over templates', () => {
  it.each(RULES)('finds where it is broken: $name', ({ violations }) => {
    expect(violations(CARELESS).length).toBeGreaterThan(0);
  });

  it.each(RULES)('finds nothing in an empty template: $name', ({ violations }) => {
    expect(violations({ Resources: {} })).toEqual([]);
  });
});

describe('on-failure destinations', () => {
  const rule = RULES.find(({ name }) => name.startsWith('asynchronously invoked functions'));
  const invokedBy = (source: string): Template => ({
    Resources: {
      Fn: { Type: 'AWS::Lambda::Function', Properties: {} },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Principal: 'iot.amazonaws.com',
          FunctionName: { 'Fn::GetAtt': ['Fn', 'Arn'] },
          SourceArn: { 'Fn::Sub': `arn:aws:iot:us-east-1:1:${source}` },
        },
      },
    },
  });

  it('are needed behind a topic rule, and not where a provisioning template waits for the answer', () => {
    expect(rule?.violations(invokedBy('rule/readings'))).toHaveLength(1);
    expect(rule?.violations(invokedBy('provisioningtemplate/devices'))).toEqual([]);
  });
});
