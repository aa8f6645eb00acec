import { localAccountId, localRegion } from '../addresses.ts';
import type { FunctionRegistration, ServiceRegistration } from '../ports.ts';
import type { Serverless, ServerlessFunction, ServerlessService } from './framework.ts';

/** What serverless.yml declares, as the cloud wants to hear it. Intrinsics stay as they are. */
export function describeService(serverless: Serverless, apiUrl?: string): ServiceRegistration {
  const { service } = serverless;
  const section = (name: string) => asRecord(service.resources?.[name]);
  return {
    service: service.service,
    stage: service.provider.stage ?? 'local',
    region: localRegion,
    accountId: localAccountId,
    ...(apiUrl === undefined ? {} : { apiUrl }),
    template: {
      Resources: section('Resources') as ServiceRegistration['template']['Resources'],
      Outputs: section('Outputs') as ServiceRegistration['template']['Outputs'],
      Conditions: section('Conditions'),
      Mappings: section('Mappings'),
      extensions: section('extensions') as ServiceRegistration['template']['extensions'] & object,
    },
    functions: Object.entries(service.functions ?? {}).map(([key, declared]) =>
      describeFunction(key, declared, service),
    ),
    resolve: { authorizers: service.provider.httpApi?.authorizers ?? {} },
  };
}

function describeFunction(
  key: string,
  declared: ServerlessFunction,
  { provider }: ServerlessService,
): FunctionRegistration {
  const { reservedConcurrency, maximumRetryAttempts, maximumEventAge, destinations } = declared;
  return {
    key,
    name: declared.name,
    // The Serverless Framework's defaults, which are not Lambda's own (3 s, 128 MB).
    timeoutSeconds: declared.timeout ?? provider.timeout ?? 6,
    memoryMb: declared.memorySize ?? provider.memorySize ?? 1024,
    ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
    environment: { ...provider.environment, ...declared.environment },
    ...(maximumRetryAttempts === undefined ? {} : { maximumRetryAttempts }),
    ...(maximumEventAge === undefined ? {} : { maximumEventAge }),
    ...(destinations === undefined ? {} : { destinations }),
    events: (declared.events ?? []).map((event) => withBucketName(event, provider)),
  };
}

/** The bucket of an s3 event may be a key of `provider.s3`, which then gives its name. */
function withBucketName(
  event: Record<string, unknown>,
  provider: ServerlessService['provider'],
): Record<string, unknown> {
  if (event.s3 === undefined) return event;
  const s3 = typeof event.s3 === 'string' ? { bucket: event.s3 } : asRecord(event.s3);
  const declared = asRecord(provider.s3?.[String(s3.bucket)]);
  return { s3: { ...s3, bucket: declared.name ?? s3.bucket } };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
