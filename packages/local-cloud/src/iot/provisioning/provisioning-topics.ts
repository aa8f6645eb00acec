import { readSigningRequest } from '../certificates/signing-request.ts';
import type { Registry } from '../registry/registry.ts';
import type { ReservedRequest, ReservedTopics } from '../reserved-topics.ts';
import type { OwnershipTokens } from './ownership-tokens.ts';
import { ProvisioningError } from './provisioning-error.ts';
import type { RegisterThing } from './register-thing.ts';

const CERTIFICATES = /^\$aws\/certificates\/(create|create-from-csr)\/json$/;
const PROVISION = /^\$aws\/provisioning-templates\/([\w-]{1,36})\/provision\/json$/;
const ALL = /^\$aws\/(certificates|provisioning-templates)\//;

/**
 * Fleet provisioning over MQTT, in JSON: a device that has only a certificate of its claim gets one
 * of its own. Only the connection that asks hears the answers, which hold private keys; its requests
 * are for the service alone.
 * https://docs.aws.amazon.com/iot/latest/developerguide/fleet-provision-api.html
 */
export function createProvisioningTopics(options: {
  readonly registry: Registry;
  readonly tokens: OwnershipTokens;
  readonly registerThing: RegisterThing;
  readonly log: (line: string) => void;
}): ReservedTopics {
  const { registry, tokens, registerThing, log } = options;

  async function createKeys() {
    const issued = await registry.issueCertificate('PENDING_ACTIVATION');
    const { certificateId, certificatePem, privateKeyPem: privateKey } = issued;
    const certificateOwnershipToken = tokens.issue(certificateId);
    return { certificateId, certificatePem, privateKey, certificateOwnershipToken };
  }

  function createFromRequest({ certificateSigningRequest: pem }: Record<string, unknown>) {
    const { certificateId, certificatePem } = registry.certifyKey(keyOf(pem), 'PENDING_ACTIVATION');
    const certificateOwnershipToken = tokens.issue(certificateId);
    return { certificateOwnershipToken, certificateId, certificatePem };
  }

  async function answer(request: ReservedRequest): Promise<object> {
    const { topic, payload, clientId = '', identity } = request;
    const [, creation] = CERTIFICATES.exec(topic) ?? [];
    if (creation === 'create') return createKeys();
    const document = readDocument(payload);
    if (creation !== undefined) return createFromRequest(document);
    const [, template = ''] = PROVISION.exec(topic) ?? [];
    const { certificateOwnershipToken: token, parameters } = document;
    const claimCertificateId = identity?.certificateId ?? '';
    return registerThing.run({ template, token, parameters, clientId, claimCertificateId });
  }

  return {
    serves: (topic) => CERTIFICATES.test(topic) || PROVISION.test(topic),
    isPrivate: (topic) => ALL.test(topic),
    async handle(request) {
      const tell = (outcome: string, document: object) =>
        request.reply?.(`${request.topic}/${outcome}`, Buffer.from(JSON.stringify(document)));
      try {
        tell('accepted', await answer(request));
      } catch (error) {
        const { statusCode, errorCode, message } = refusalOf(error, log);
        tell('rejected', { statusCode, errorCode, errorMessage: message });
      }
    },
  };
}

function refusalOf(error: unknown, log: (line: string) => void): ProvisioningError {
  if (error instanceof ProvisioningError) return error;
  log(`iot: provisioning failed: ${error instanceof Error ? error.message : String(error)}`);
  return new ProvisioningError(500, 'InternalFailure', 'The request failed; try again.');
}

function readDocument(payload: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw new ProvisioningError(400, 'InvalidPayload', 'The payload is not a JSON object.');
}

function keyOf(pem: unknown) {
  try {
    return readSigningRequest(String(pem));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `The certificate signing request cannot be taken: ${why}.`;
    throw new ProvisioningError(400, 'InvalidCertificateSigningRequest', message);
  }
}
