import type { Clock } from '../../clock.ts';
import type { FunctionInvoker } from '../../ports.ts';
import type { CloudState } from '../../state.ts';
import { IotError } from '../registry/iot-error.ts';
import type { Registry } from '../registry/registry.ts';
import type { OwnershipTokens } from './ownership-tokens.ts';
import { invalidParameters, invalidToken, ProvisioningError } from './provisioning-error.ts';
import { fillTemplate, type Provisioned } from './template.ts';
import type { DeployedTemplate, Templates } from './templates.ts';

/** https://docs.aws.amazon.com/iot/latest/developerguide/pre-provisioning-hook.html */
const HOOK_MS = 5_000;

export interface RegisterRequest {
  readonly template: string;
  readonly token: unknown;
  readonly parameters: unknown;
  readonly clientId: string;
  /** Of the certificate that the device has connected with; empty without one. */
  readonly claimCertificateId: string;
}

export interface RegisterThing {
  /**
   * Makes of a certificate that was only handed out one with which a device may connect, if the hook
   * lets it. All or nothing, and as often as asked while the token is good.
   * @throws ProvisioningError
   */
  run(
    request: RegisterRequest,
  ): Promise<Pick<Provisioned, 'deviceConfiguration'> & { readonly thingName?: string }>;
}

export function createRegisterThing(options: {
  readonly state: CloudState;
  /** For the hook, which runs in the machine's time. */
  readonly clock: Clock;
  readonly registry: Registry;
  readonly tokens: OwnershipTokens;
  readonly templates: Templates;
  readonly invoker: FunctionInvoker;
  readonly log: (line: string) => void;
}): RegisterThing {
  const { state, clock, registry, tokens, templates, invoker, log } = options;

  function certificateOf(token: unknown): string {
    if (typeof token !== 'string' || token === '') {
      throw invalidToken('Certificate ownership token cannot be empty.');
    }
    const id = tokens.certificateOf(token);
    if (id !== undefined && registry.certificates.find(id)) return id;
    throw invalidToken('The certificate ownership token is not valid, or it has expired.');
  }

  async function askHook(
    { hook }: DeployedTemplate,
    request: RegisterRequest,
    certificateId: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<Record<string, string>> {
    if (hook === undefined) return {};
    const { certificatePem } = registry.certificates.get(certificateId);
    const event = {
      ...{ claimCertificateId: request.claimCertificateId, certificateId, certificatePem },
      templateArn: registry.arn(`provisioningtemplate/${request.template}`),
      ...{ clientId: request.clientId, parameters },
    };
    const late = new AbortController();
    const result = await Promise.race([
      invoker.invoke(hook, JSON.stringify(event)),
      clock.sleep(HOOK_MS, late.signal).then(() => ({ kind: 'late' }) as const),
    ]);
    late.abort();
    const answer = result.kind === 'success' ? result.payload : undefined;
    if (isRecord(answer) && answer.allowProvisioning === true) {
      return isTexts(answer.parameterOverrides) ? answer.parameterOverrides : {};
    }
    if (result.kind !== 'success') {
      log(`iot: ${hook}, the hook of ${request.template}, did not answer: ${result.kind}`);
    }
    throw new ProvisioningError(403, 'AccessDenied', 'Access Denied by Pre-Provisioning Hook.');
  }

  /** The certificate may have been taken away while the hook was asked. */
  function apply(made: Provisioned): void {
    const { certificates, things, principals, targets, policies } = registry;
    if (!certificates.find(made.certificateId)) {
      throw invalidToken('The certificate does not exist any more.');
    }
    for (const policy of made.policies) {
      targets.attach(policies.get(policy).policyName, registry.arn(`cert/${made.certificateId}`));
    }
    if (made.thing) {
      const { name, attributes, override } = made.thing;
      const present = things.find(name);
      if (!present) things.create(name, { attributes });
      else if (override === 'FAIL') throw invalidParameters(`The thing ${name} is there already.`);
      else if (override !== 'DO_NOTHING') {
        things.update(name, { attributes, merge: override === 'MERGE' });
      }
      principals.attach(name, made.certificateId);
    }
    certificates.setStatus(made.certificateId, made.status);
  }

  return {
    async run(request) {
      const template = templates.find(request.template);
      if (!template?.isEnabled) {
        const message = `There is no template ${request.template} that is enabled.`;
        throw new ProvisioningError(404, 'ResourceNotFound', message);
      }
      const certificateId = certificateOf(request.token);
      const { parameters = {} } = request;
      if (!isTexts(parameters)) throw invalidParameters('The parameters are not texts by name.');
      const overrides = await askHook(template, request, certificateId, parameters);
      const made = fillTemplate(template, {
        ...{ ...parameters, ...overrides },
        'AWS::IoT::Certificate::Id': certificateId,
      });
      try {
        state.transaction(() => apply(made));
      } catch (error) {
        if (!(error instanceof IotError)) throw error;
        throw new ProvisioningError(400, 'InvalidRequest', error.message);
      }
      const { thing, deviceConfiguration } = made;
      return { deviceConfiguration, ...(thing && { thingName: thing.name }) };
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((one) => typeof one === 'string');
}
