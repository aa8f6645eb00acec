import { arn, generatedName } from '../names.ts';
import type { ResourceKind } from './kind.ts';
import { text } from './properties.ts';

export const iotPolicyKind: ResourceKind = {
  type: 'AWS::IoT::Policy',
  supported: ['PolicyName', 'PolicyDocument'],
  harmless: ['Tags'],
  provision(properties, { naming, logicalId, iot }) {
    const name = text(properties, 'PolicyName') ?? generatedName(naming, logicalId);
    const { PolicyDocument: document } = properties;
    iot.ensurePolicy(
      name,
      typeof document === 'string' ? document : JSON.stringify(document ?? {}),
    );
    return Promise.resolve({
      ref: name,
      attributes: { Arn: arn(naming, 'iot', `policy/${name}`), Id: name },
    });
  },
};
