import type { TriggerDefinition } from '../../ports.ts';
import type { LifecycleRule } from '../../s3/lifecycle-rules.ts';
import type { EngineCalls } from '../aws-json.ts';
import type { StackNaming } from '../names.ts';

/** What `Ref` and `Fn::GetAtt` answer for a resource, and the triggers that it declares. */
export interface ProvisionedResource {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly triggers?: readonly TriggerDefinition[];
}

export type Properties = Readonly<Record<string, unknown>>;

/** A cross-origin rule as S3's CORS configuration has it. */
export interface CorsRule {
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds?: number;
}

/** Creates the bucket unless it exists, and brings its settings to these. */
export interface BucketProvisioning {
  ensureBucket(
    name: string,
    settings: {
      readonly versioning?: 'Enabled' | 'Suspended';
      readonly cors: readonly CorsRule[];
      readonly lifecycle?: readonly LifecycleRule[];
    },
  ): Promise<void>;
}

/** Brings AWS IoT's registry to what a template declares. */
export interface IotProvisioning {
  /** `document` is JSON. Throws what is wrong with it. */
  ensurePolicy(name: string, document: string): void;
  /** `body` is JSON, `hook` a function's name. Throws what is wrong. */
  ensureTemplate(
    name: string,
    body: string,
    settings: { readonly isEnabled: boolean; readonly hook: string | undefined },
  ): void;
}

export interface KindContext {
  readonly logicalId: string;
  readonly naming: StackNaming;
  readonly edgeUrl: string;
  readonly engines: EngineCalls;
  readonly buckets: BucketProvisioning;
  readonly iot: IotProvisioning;
  /** The `iss` claim of the tokens of a user pool. */
  issuerUrl(userPoolId: string): string;
  /** The identifier that an earlier start stored, for resources whose name an engine invents. */
  rememberedId(): string | undefined;
  warn(message: string): void;
}

/** One CloudFormation resource type that exists for real locally. */
export interface ResourceKind {
  readonly type: string;
  /** Properties that take effect. */
  readonly supported: readonly string[];
  /** Properties that change nothing which can be seen locally: no warning. */
  readonly harmless: readonly string[];
  /** Idempotent: creates what is missing, updates what is simple, leaves data alone. */
  provision(properties: Properties, context: KindContext): Promise<ProvisionedResource>;
}
