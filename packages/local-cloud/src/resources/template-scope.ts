import type { ServiceRegistration } from '../ports.ts';
import type { IntrinsicScope } from './intrinsics.ts';
import type { ProvisionedResource } from './kinds/kind.ts';
import { arn, functionLogicalId, stackName } from './names.ts';
import type { RegistrationStore } from './registrations.ts';

/** Everything that the intrinsics of one service's template can see, growing as resources appear. */
export interface TemplateScope {
  define(logicalId: string, type: string, resource: ProvisionedResource): void;
  /** The names of this template's own resources of a type. */
  physicalNames(type: string): ReadonlySet<string>;
  /** The scope for one place of serverless.yml: its warnings name that place. */
  at(place: string): IntrinsicScope;
  /** Each warning once, in the order of their first appearance. */
  warnings(): string[];
}

export function createTemplateScope(
  registration: ServiceRegistration,
  store: Pick<RegistrationStore, 'exportedValue'>,
): TemplateScope {
  const resources = frameworkResources(registration);
  const own: { type: string; name: string }[] = [];
  const warnings = new Set<string>();
  return {
    define(logicalId, type, resource) {
      resources.set(logicalId, resource);
      own.push({ type, name: resource.ref });
    },
    physicalNames: (type) =>
      new Set(own.flatMap((resource) => (resource.type === type ? [resource.name] : []))),
    at: (place) => ({
      region: registration.region,
      accountId: registration.accountId,
      stackName: stackName(registration),
      conditions: registration.template.Conditions ?? {},
      mappings: registration.template.Mappings ?? {},
      ref: (logicalId) => resources.get(logicalId)?.ref,
      attribute: (logicalId, name) => resources.get(logicalId)?.attributes[name],
      importValue: (name) => store.exportedValue(name),
      warn: (message) => warnings.add(`${registration.service}: ${place}: ${message}`),
    }),
    warnings: () => [...warnings],
  };
}

/** The resources that the Serverless Framework itself adds to a stack, which templates refer to. */
function frameworkResources(registration: ServiceRegistration): Map<string, ProvisionedResource> {
  const resources = new Map<string, ProvisionedResource>();
  for (const { key, name } of registration.functions) {
    resources.set(functionLogicalId(key), {
      ref: name,
      attributes: { Arn: arn(registration, 'lambda', `function:${name}`) },
    });
  }
  const stack = stackName(registration);
  resources.set('HttpApi', {
    ref: 'local',
    attributes: { ApiId: 'local', ApiEndpoint: registration.apiUrl ?? 'http://localhost:3000' },
  });
  resources.set('IamRoleLambdaExecution', {
    ref: `${stack}-lambdaRole`,
    attributes: { Arn: `arn:aws:iam::${registration.accountId}:role/${stack}-lambdaRole` },
  });
  const bucket = `${stack}-serverlessdeploymentbucket`;
  resources.set('ServerlessDeploymentBucket', {
    ref: bucket,
    attributes: { Arn: `arn:aws:s3:::${bucket}` },
  });
  return resources;
}
