/** How CloudFormation and the Serverless Framework name what a template leaves unnamed. */

export interface StackNaming {
  readonly service: string;
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
}

export function stackName(naming: StackNaming): string {
  return `${naming.service}-${naming.stage}`;
}

/**
 * A name for a resource without one. CloudFormation appends random characters; locally the name must
 * be the same at every start, or each restart would begin with empty resources.
 */
export function generatedName(naming: StackNaming, logicalId: string): string {
  return `${stackName(naming)}-${logicalId}`;
}

export function arn(naming: StackNaming, service: string, resource: string): string {
  return `arn:aws:${service}:${naming.region}:${naming.accountId}:${resource}`;
}

/** `arn:aws:lambda:…:function:name[:qualifier]` or a bare name → the function's name. */
export function functionNameOf(reference: string): string {
  if (!reference.startsWith('arn:')) return reference;
  return reference.split(':')[6] ?? reference;
}

/** The logical id that the Serverless Framework gives a function: `my-fn` → `MyDashfnLambdaFunction`. */
export function functionLogicalId(key: string): string {
  const normalized = key.replaceAll('-', 'Dash').replaceAll('_', 'Underscore');
  return `${normalized.charAt(0).toUpperCase()}${normalized.slice(1)}LambdaFunction`;
}
