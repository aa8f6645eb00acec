import { isAllowed, type PolicyAction } from '../policies/evaluate.ts';
import type { Registry } from '../registry/registry.ts';
import type { Thing } from '../registry/things.ts';
import type { Identity } from './identity.ts';

/** What the policies of a connection's certificate let it do. */
export interface Guard {
  /** Why the certificate may not connect under the client id, or `undefined` when it may. */
  connectProblem(identity: Identity, clientId: string): string | undefined;
  /** Whether the client may do it with a topic, or a topic filter. */
  allows(
    identity: Identity,
    clientId: string,
    action: Exclude<PolicyAction, 'Connect'>,
    topic: string,
  ): boolean;
}

/**
 * A connection's thing is the one that its client id names and that its certificate is attached to.
 * https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html
 */
export function createGuard(registry: Registry): Guard {
  const { certificates, policies, principals, targets, things, arn } = registry;

  function thingOf({ certificateId }: Identity, clientId: string): Thing | undefined {
    const attached = principals.leftsOf(certificateId).includes(clientId);
    return attached ? things.find(clientId) : undefined;
  }

  function may(
    identity: Identity,
    clientId: string,
    action: PolicyAction,
    resource: string,
  ): boolean {
    const target = arn(`cert/${identity.certificateId}`);
    const statements = targets.leftsOf(target).flatMap(policies.statements);
    const thing = thingOf(identity, clientId);
    const variable = (name: string) => variableOf(name, identity, clientId, thing);
    return isAllowed(statements, { action, resource: arn(resource), variable });
  }

  /**
   * A certificate that the authority of this state folder signed for a thing's name is the thing's:
   * it is registered at its first connection, with the policies that the thing's certificates have.
   */
  function adopt({ certificateId, certificatePem, commonName }: Identity): void {
    if (certificates.find(certificateId) || !things.find(commonName)) return;
    const active = principals
      .rightsOf(commonName)
      .filter((id) => certificates.find(id)?.status === 'ACTIVE');
    const given = active.flatMap((id) => targets.leftsOf(arn(`cert/${id}`)));
    certificates.add(certificateId, certificatePem, 'ACTIVE');
    principals.attach(commonName, certificateId);
    for (const policy of given) targets.attach(policy, arn(`cert/${certificateId}`));
  }

  return {
    connectProblem(identity, clientId) {
      adopt(identity);
      const certificate = certificates.find(identity.certificateId);
      const name = `certificate ${identity.certificateId.slice(0, 12)}…`;
      if (!certificate) return `${name} is not registered`;
      if (certificate.status !== 'ACTIVE') return `${name} is ${certificate.status}`;
      if (may(identity, clientId, 'Connect', `client/${clientId}`)) return undefined;
      return `no policy of ${name} allows iot:Connect as client/${clientId}`;
    },
    allows(identity, clientId, action, topic) {
      const kind = action === 'Subscribe' ? 'topicfilter' : 'topic';
      return may(identity, clientId, action, `${kind}/${topic}`);
    },
  };
}

function variableOf(
  name: string,
  { commonName, address }: Identity,
  clientId: string,
  thing: Thing | undefined,
): string | undefined {
  const [, attribute] = /^iot:Connection\.Thing\.Attributes\[(.+)\]$/.exec(name) ?? [];
  if (attribute !== undefined) return thing?.attributes[attribute];
  switch (name) {
    case 'iot:ClientId':
      return clientId;
    case 'iot:Connection.Thing.ThingName':
      return thing?.thingName;
    case 'iot:Connection.Thing.ThingTypeName':
      return thing?.thingTypeName;
    case 'iot:Connection.Thing.IsAttached':
      return String(thing !== undefined);
    case 'iot:Certificate.Subject.CommonName':
      return commonName;
    case 'aws:SourceIp':
      return address;
    default:
      return undefined;
  }
}
