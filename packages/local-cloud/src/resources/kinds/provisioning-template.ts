import { arn, functionNameOf, generatedName } from '../names.ts';
import type { ResourceKind } from './kind.ts';
import { flag, record, text } from './properties.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iot-provisioningtemplate.html */
export const provisioningTemplateKind: ResourceKind = {
  type: 'AWS::IoT::ProvisioningTemplate',
  supported: ['TemplateName', 'TemplateBody', 'Enabled', 'PreProvisioningHook', 'TemplateType'],
  harmless: ['Description', 'ProvisioningRoleArn', 'Tags'],
  provision(properties, { naming, logicalId, iot, warn }) {
    const name = text(properties, 'TemplateName') ?? generatedName(naming, logicalId).slice(0, 36);
    const type = text(properties, 'TemplateType') ?? 'FLEET_PROVISIONING';
    if (type !== 'FLEET_PROVISIONING') warn(`provisioning by ${type} is not run locally`);
    const target = text(record(properties, 'PreProvisioningHook') ?? {}, 'TargetArn');
    iot.ensureTemplate(name, text(properties, 'TemplateBody') ?? '', {
      isEnabled: flag(properties, 'Enabled', false) && type === 'FLEET_PROVISIONING',
      hook: target === undefined ? undefined : functionNameOf(target),
    });
    return Promise.resolve({
      ref: name,
      attributes: { TemplateArn: arn(naming, 'iot', `provisioningtemplate/${name}`) },
    });
  },
};
