import { LocalCloudError } from '../errors.ts';
import type {
  CloudFormationResource,
  FunctionDefinition,
  RegistrationResult,
  ServiceRegistration,
  TriggerDefinition,
} from '../ports.ts';
import type { CloudState } from '../state.ts';
import { triggerWarnings } from '../triggers/warnings.ts';
import { createEngineCalls, type EngineCalls } from './aws-json.ts';
import { creationWaves } from './creation-order.ts';
import { extendFunction } from './events/extensions.ts';
import { functionTriggers } from './events/function-events.ts';
import { defineFunction } from './functions.ts';
import { conditionHolds, isRecord, resolveIntrinsics } from './intrinsics.ts';
import { resourceKinds } from './kinds/index.ts';
import type { BucketProvisioning, IotProvisioning, ProvisionedResource } from './kinds/kind.ts';
import { describeSilent, isSilent } from './kinds/silent.ts';
import { stackName } from './names.ts';
import { createRegistrationStore, type StoredRegistration } from './registrations.ts';
import { createTemplateScope, type TemplateScope } from './template-scope.ts';
import { shortVisibilityTimeouts } from './visibility-timeouts.ts';

export interface ProvisionerOptions {
  readonly state: CloudState;
  readonly edgeUrl: string;
  readonly buckets: BucketProvisioning;
  readonly iot: IotProvisioning;
  readonly region: string;
  readonly accountId: string;
  /** The `iss` claim of a user pool's tokens; default `<edgeUrl>/<pool id>`. */
  readonly issuerUrl?: (userPoolId: string) => string;
  /** For tests of failures; default: HTTP to the edge. */
  readonly engines?: EngineCalls;
}

export interface ProvisionedService extends RegistrationResult {
  readonly triggers: readonly TriggerDefinition[];
  readonly functions: readonly FunctionDefinition[];
}

export interface Provisioner {
  /**
   * Creates the service's resources and resolves what it declares. Idempotent; registrations of one
   * service run one after the other.
   *
   * @throws LocalCloudError TABLE_KEYS_CHANGED, RESOURCE_CYCLE, RESOURCE_FAILED
   */
  register(registration: ServiceRegistration): Promise<ProvisionedService>;
  /** Every service that has run on this state, for the cloud to take up its triggers at start. */
  registered(): StoredRegistration[];
}

export function createProvisioner(options: ProvisionerOptions): Provisioner {
  const store = createRegistrationStore(options.state);
  const engines = options.engines ?? createEngineCalls(options.edgeUrl, options.region);
  const turns = new Map<string, Promise<unknown>>();

  async function register(declared: ServiceRegistration): Promise<ProvisionedService> {
    const extensions = declared.template.extensions ?? {};
    const functions = declared.functions.map((one) => extendFunction(one, extensions));
    const registration = { ...declared, functions };
    const scope = createTemplateScope(registration, store);
    const { Resources } = registration.template;
    const triggers: TriggerDefinition[] = [];
    for (const wave of creationWaves(registration.service, Resources)) {
      const provisioned = await Promise.all(
        wave.map((logicalId) => provision(logicalId, Resources[logicalId], registration, scope)),
      );
      for (const resource of provisioned) triggers.push(...(resource?.triggers ?? []));
    }
    triggers.push(...eventTriggers(registration, scope));
    await createImpliedBuckets(registration, triggers, scope);
    const definitions = defineFunctions(registration, scope);
    const refused = await shortVisibilityTimeouts(triggers, definitions, engines);
    const accepted = triggers.filter((trigger) => !refused.has(trigger));
    const refusals = [...refused.values()].map((why) => `${why} The trigger does not run.`);
    return finish(registration, scope, accepted, definitions, refusals);
  }

  function defineFunctions(
    registration: ServiceRegistration,
    scope: TemplateScope,
  ): FunctionDefinition[] {
    return registration.functions.map((declared) =>
      defineFunction(declared, registration.functions, registration, (value) =>
        resolveIntrinsics(value, scope.at(`function ${declared.key}`)),
      ),
    );
  }

  async function provision(
    logicalId: string,
    resource: CloudFormationResource | undefined,
    registration: ServiceRegistration,
    scope: TemplateScope,
  ): Promise<ProvisionedResource | undefined> {
    if (!resource) return undefined;
    const where = `${logicalId} (${resource.Type})`;
    if (resource.Condition && !conditionHolds(resource.Condition, scope.at(where)))
      return undefined;
    const provisioned = await create(logicalId, resource, registration, scope, where);
    if (provisioned) scope.define(logicalId, resource.Type, provisioned);
    return provisioned;
  }

  async function create(
    logicalId: string,
    resource: CloudFormationResource,
    registration: ServiceRegistration,
    scope: TemplateScope,
    where: string,
  ): Promise<ProvisionedResource | undefined> {
    const kind = resourceKinds.get(resource.Type);
    if (!kind) {
      const silent = isSilent(resource.Type);
      if (!silent)
        scope.at(where).warn('this resource type does not exist locally; it is left out');
      return describeSilent(resource.Type, resource.Properties ?? {}, logicalId, registration);
    }
    const known = new Set([...kind.supported, ...kind.harmless]);
    const given = resource.Properties ?? {};
    for (const name of Object.keys(given)) {
      if (!known.has(name)) scope.at(where).warn(`the property ${name} has no effect locally`);
    }
    // Settings without a local effect may refer to anything: they are not worth a warning.
    const relevant = Object.fromEntries(
      Object.entries(given).filter(([name]) => kind.supported.includes(name)),
    );
    const properties = resolveIntrinsics(relevant, scope.at(where));
    const remember = [registration.service, logicalId, resource.Type] as const;
    try {
      const provisioned = await kind.provision(isRecord(properties) ? properties : {}, {
        logicalId,
        naming: registration,
        edgeUrl: options.edgeUrl,
        engines,
        buckets: options.buckets,
        iot: options.iot,
        issuerUrl: options.issuerUrl ?? ((id) => `${options.edgeUrl}/${id}`),
        rememberedId: () => store.rememberedId(...remember),
        warn: scope.at(where).warn,
      });
      store.rememberId(...remember, provisioned.ref);
      return provisioned;
    } catch (cause) {
      if (cause instanceof LocalCloudError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new LocalCloudError(
        'RESOURCE_FAILED',
        `${registration.service}: ${where} could not be created: ${reason}`,
        { cause },
      );
    }
  }

  /** An `s3` event without `existing: true` creates its bucket, as a deployment does. */
  async function createImpliedBuckets(
    registration: ServiceRegistration,
    triggers: readonly TriggerDefinition[],
    scope: TemplateScope,
  ): Promise<void> {
    const own = scope.physicalNames('AWS::S3::Bucket');
    const declared = new Set<string>();
    for (const { events } of registration.functions) {
      for (const { s3 } of events) {
        const existing = isRecord(s3) && s3.existing === true;
        const bucket = isRecord(s3) ? s3.bucket : s3;
        if (!existing && typeof bucket === 'string') declared.add(bucket);
      }
    }
    const wanted = triggers.flatMap((trigger) => (trigger.kind === 's3' ? [trigger.bucket] : []));
    for (const bucket of new Set(wanted.filter((name) => declared.has(name) && !own.has(name)))) {
      await options.buckets.ensureBucket(bucket, { cors: [] });
    }
  }

  function finish(
    registration: ServiceRegistration,
    scope: TemplateScope,
    triggers: readonly TriggerDefinition[],
    functions: readonly FunctionDefinition[],
    refusals: readonly string[],
  ): ProvisionedService {
    const { outputs, exports } = resolveOutputs(registration, scope);
    const result: ProvisionedService = {
      environment: resolveEnvironment(registration, scope),
      resolved: asRecord(resolveIntrinsics(registration.resolve ?? {}, scope.at('provider'))),
      outputs,
      warnings: [...scope.warnings(), ...refusals, ...triggers.flatMap(triggerWarnings)],
      triggers,
      functions,
    };
    options.state.transaction(() => {
      store.replaceExports(registration.service, exports);
      store.save({ service: registration.service, triggers, functions });
    });
    return result;
  }

  return {
    register(registration) {
      const before = turns.get(registration.service) ?? Promise.resolve();
      const turn = before.then(() => register(registration));
      // The next registration waits for this one whatever becomes of it.
      const settled = turn.then(
        () => undefined,
        () => undefined,
      );
      turns.set(registration.service, settled);
      return turn;
    },
    registered: () => store.all(),
  };
}

function eventTriggers(
  registration: ServiceRegistration,
  scope: TemplateScope,
): TriggerDefinition[] {
  return registration.functions.flatMap((declared) => {
    const { warn } = scope.at(`function ${declared.key}`);
    const events = resolveIntrinsics(declared.events, scope.at(`function ${declared.key}`));
    return functionTriggers(Array.isArray(events) ? events : [], {
      functionName: declared.name,
      key: declared.key,
      stackName: stackName(registration),
      warn,
    });
  });
}

function resolveEnvironment(
  registration: ServiceRegistration,
  scope: TemplateScope,
): Record<string, Record<string, string>> {
  return Object.fromEntries(
    registration.functions.map(({ key, environment }) => {
      const resolved = Object.entries(environment).flatMap(([name, value]) => {
        const text = resolveIntrinsics(value, scope.at(`environment ${name} of ${key}`));
        return text === undefined || text === null ? [] : [[name, String(text)] as const];
      });
      return [key, Object.fromEntries(resolved)];
    }),
  );
}

function resolveOutputs(
  registration: ServiceRegistration,
  scope: TemplateScope,
): { outputs: Record<string, unknown>; exports: Record<string, unknown> } {
  const outputs: Record<string, unknown> = {};
  const exports: Record<string, unknown> = {};
  for (const [name, output] of Object.entries(registration.template.Outputs)) {
    const value = resolveIntrinsics(output.Value, scope.at(`output ${name}`));
    if (value === undefined) continue;
    outputs[name] = value;
    if (!output.Export) continue;
    const exportName = resolveIntrinsics(output.Export.Name, scope.at(`output ${name}`));
    if (exportName !== undefined) exports[String(exportName)] = value;
  }
  return { outputs, exports };
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
