import { generatedName } from '../names.ts';
import { lifecycleRules } from './bucket-lifecycle.ts';
import type { CorsRule, Properties, ProvisionedResource, ResourceKind } from './kind.ts';
import { number, record, records, text, texts } from './properties.ts';

export const bucketKind: ResourceKind = {
  type: 'AWS::S3::Bucket',
  supported: [
    'BucketName',
    'CorsConfiguration',
    'LifecycleConfiguration',
    'VersioningConfiguration',
  ],
  harmless: [
    'AccelerateConfiguration',
    'AccessControl',
    'AnalyticsConfigurations',
    'BucketEncryption',
    'IntelligentTieringConfigurations',
    'InventoryConfigurations',
    'LoggingConfiguration',
    'MetricsConfigurations',
    'OwnershipControls',
    'PublicAccessBlockConfiguration',
    'Tags',
  ],
  async provision(properties, context) {
    // Bucket names are lower-case; CloudFormation lowers the generated ones too.
    const name =
      text(properties, 'BucketName') ??
      generatedName(context.naming, context.logicalId).toLowerCase();
    const versioning = text(record(properties, 'VersioningConfiguration') ?? {}, 'Status');
    await context.buckets.ensureBucket(name, {
      ...(versioning === 'Enabled' || versioning === 'Suspended' ? { versioning } : {}),
      cors: corsRules(properties),
      lifecycle: lifecycleRules(properties, context.warn),
    });
    return describeBucket(name, context.naming.region);
  },
};

export function describeBucket(name: string, region: string): ProvisionedResource {
  return {
    ref: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    },
  };
}

function corsRules(properties: Properties): CorsRule[] {
  const configuration = record(properties, 'CorsConfiguration') ?? {};
  return records(configuration, 'CorsRules').map((rule) => {
    const maxAgeSeconds = number(rule, 'MaxAge');
    return {
      allowedOrigins: texts(rule, 'AllowedOrigins'),
      allowedMethods: texts(rule, 'AllowedMethods'),
      allowedHeaders: texts(rule, 'AllowedHeaders'),
      exposeHeaders: texts(rule, 'ExposedHeaders'),
      ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
    };
  });
}
