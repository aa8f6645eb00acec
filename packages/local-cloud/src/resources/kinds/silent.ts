import { arn, generatedName, type StackNaming } from '../names.ts';
import type { Properties, ProvisionedResource } from './kind.ts';
import { text } from './properties.ts';

/**
 * Types that a deployment needs and a laptop does not: permissions, alarms, delivery networks. They
 * exist by name only, so that `Ref` and `Fn::GetAtt` to them resolve. A trailing `*` covers a family.
 */
const silentTypes: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::*': 'apigateway',
  'AWS::ApplicationAutoScaling::*': 'autoscaling',
  'AWS::Athena::*': 'athena',
  'AWS::Budgets::*': 'budgets',
  'AWS::CloudFormation::WaitConditionHandle': 'cloudformation',
  'AWS::CloudFront::*': 'cloudfront',
  'AWS::CloudWatch::*': 'cloudwatch',
  'AWS::CodeDeploy::*': 'codedeploy',
  'AWS::Glue::*': 'glue',
  'AWS::IAM::*': 'iam',
  'AWS::IoT::Logging': 'iot',
  'AWS::IoT::Thing*': 'iot',
  'AWS::KMS::*': 'kms',
  'AWS::Lambda::LayerVersion': 'lambda',
  'AWS::Lambda::Permission': 'lambda',
  'AWS::Lambda::Version': 'lambda',
  'AWS::Logs::*': 'logs',
  'AWS::ResourceGroups::*': 'resource-groups',
  'AWS::S3::BucketPolicy': 's3',
  'AWS::SNS::TopicPolicy': 'sns',
  'AWS::SQS::QueuePolicy': 'sqs',
  'AWS::WAFv2::*': 'wafv2',
  'AWS::XRay::*': 'xray',
};

export function isSilent(type: string): boolean {
  return serviceOf(type) !== undefined;
}

export function describeSilent(
  type: string,
  properties: Properties,
  logicalId: string,
  naming: StackNaming,
): ProvisionedResource {
  const service = serviceOf(type) ?? 'millrace';
  const name = givenName(properties) ?? generatedName(naming, logicalId);
  const kind = type.split('::')[2] ?? 'resource';
  return { ref: name, attributes: { Arn: nominalArn(service, kind, name, naming), Id: name } };
}

function serviceOf(type: string): string | undefined {
  const exact = silentTypes[type];
  if (exact !== undefined) return exact;
  const family = Object.keys(silentTypes).find(
    (pattern) => pattern.endsWith('*') && type.startsWith(pattern.slice(0, -1)),
  );
  return family === undefined ? undefined : silentTypes[family];
}

function nominalArn(service: string, kind: string, name: string, naming: StackNaming): string {
  // IAM is global: its ARNs carry no region.
  if (service === 'iam') return `arn:aws:iam::${naming.accountId}:${kind.toLowerCase()}/${name}`;
  if (service === 'logs') return arn(naming, 'logs', `log-group:${name}`);
  return arn(naming, service, `${kind.toLowerCase()}/${name}`);
}

function givenName(properties: Properties): string | undefined {
  const names = ['RoleName', 'PolicyName', 'LogGroupName', 'AlarmName', 'DashboardName', 'Name'];
  for (const name of names) {
    const value = text(properties, name);
    if (value !== undefined) return value;
  }
  return undefined;
}
