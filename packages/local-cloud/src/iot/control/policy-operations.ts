import type { Policy } from '../registry/policies.ts';
import { type Call, type Operation, pageOf, seconds, textOf } from './operation.ts';

const POLICY = /^\/policies\/([^/]+)$/;

export const policyOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: POLICY,
    run(call) {
      const policy = call.registry.policies.create(nameOf(call), textOf(call, 'policyDocument'));
      const { policyDocument, version } = policy;
      return { ...listed(call, policy), policyDocument, policyVersionId: String(version) };
    },
  },
  {
    method: 'GET',
    path: POLICY,
    run(call) {
      const policy = call.registry.policies.get(nameOf(call));
      return {
        ...listed(call, policy),
        policyDocument: policy.policyDocument,
        defaultVersionId: String(policy.version),
        creationDate: seconds(policy.createdAt),
        lastModifiedDate: seconds(policy.modifiedAt),
      };
    },
  },
  {
    method: 'DELETE',
    path: POLICY,
    run(call) {
      const { policies, targets } = call.registry;
      policies.remove(nameOf(call), targets.rightsOf(nameOf(call)).length > 0);
      return {};
    },
  },
  {
    method: 'GET',
    path: /^\/policies$/,
    run(call) {
      const all = call.registry.policies.list();
      const { page, next } = pageOf(all, call, { size: 'pageSize', token: 'marker' });
      return { policies: page.map((one) => listed(call, one)), nextMarker: next };
    },
  },
  {
    method: 'PUT',
    path: /^\/target-policies\/([^/]+)$/,
    run(call) {
      const { policies, targets } = call.registry;
      targets.attach(policies.get(nameOf(call)).policyName, targetOf(call, textOf(call, 'target')));
      return {};
    },
  },
  {
    method: 'POST',
    path: /^\/target-policies\/([^/]+)$/,
    run(call) {
      const { policies, targets } = call.registry;
      targets.detach(policies.get(nameOf(call)).policyName, textOf(call, 'target'));
      return {};
    },
  },
  {
    method: 'POST',
    path: /^\/attached-policies\/(.+)$/,
    run(call) {
      const { policies, targets } = call.registry;
      const attached = targets.leftsOf(targetOf(call, nameOf(call))).map(policies.get);
      const { page, next } = pageOf(attached, call, { size: 'pageSize', token: 'marker' });
      return { policies: page.map((one) => listed(call, one)), nextMarker: next };
    },
  },
];

const nameOf = ({ path }: Call) => path[0] ?? '';

/** Policies are attached to certificates here; thing groups and identities do not exist. */
function targetOf({ registry }: Call, target: string): string {
  registry.certificates.get(registry.certificateIdOf(target));
  return target;
}

function listed({ registry }: Call, { policyName }: Policy) {
  return { policyName, policyArn: registry.arn(`policy/${policyName}`) };
}
