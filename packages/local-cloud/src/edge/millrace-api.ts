import type { IncomingMessage, ServerResponse } from 'node:http';
import { readAdvance } from '../cloud-clock.ts';
import { LocalCloudError } from '../errors.ts';
import { type Faults, parseFaultPlan } from '../faults/index.ts';
import type { MovableClock } from '../movable-clock.ts';
import type { Page } from '../page/page.ts';
import type { RegistrationResult, ServiceRegistration } from '../ports.ts';
import { isLocalCaller } from './local-caller.ts';
import { readBody, send, sendJson } from './message.ts';

const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** Where a service's functions can be invoked, told once serverless-offline is ready. */
export interface ServiceEndpoint {
  /** Base URL of serverless-offline's Lambda API. */
  readonly lambdaUrl: string;
  /** Process of the service. */
  readonly pid: number;
  /** URL of its HTTP API, if it has one. */
  readonly api?: string;
}

/** What the plugin and the command line ask of the cloud. */
export interface MillraceApi {
  health(): unknown;
  status(): unknown;
  register(registration: ServiceRegistration): Promise<RegistrationResult>;
  setEndpoint(service: string, endpoint: ServiceEndpoint): void;
  clearEndpoint(service: string): void;
  /** The certificate that devices trust, in PEM. */
  readonly authorityPem: string;
  readonly page: Pick<Page, 'handle'>;
  readonly clock: MovableClock;
  readonly faults: Faults;
}

/**
 * `/_millrace/…`: the live page and its stream, `GET health`, `GET status`,
 * `PUT services/<service>` (ServiceRegistration), `PUT` and `DELETE services/<service>/endpoint`;
 * `GET ca.pem`; `GET clock`, `POST clock` (`{"advanceMs": n}`); `GET`, `PUT` (a fault plan in YAML or JSON) and
 * `DELETE faults`. A problem that a person can mend answers 422 with `{code, message}`. Pages of
 * other sites get 403: whoever may call here may have functions invoked and faults injected.
 */
export async function handleMillrace(
  api: MillraceApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isLocalCaller(request.headers)) {
    sendJson(response, 403, { code: 'NOT_LOCAL', message: 'Only this machine may call here.' });
    return;
  }
  if (api.page.handle(request, response)) return;
  const [path = ''] = (request.url ?? '').split('?');
  const [, , collection, service, part] = path.split('/').map(decodeURIComponent);
  const call = `${request.method} ${collection}${service ? '/*' : ''}${part ? `/${part}` : ''}`;
  try {
    switch (call) {
      case 'GET health':
        return sendJson(response, 200, api.health());
      case 'GET status':
        return sendJson(response, 200, api.status());
      case 'PUT services/*':
        return sendJson(response, 200, await api.register(await registrationOf(request, service)));
      case 'PUT services/*/endpoint':
        api.setEndpoint(service ?? '', await endpointOf(request));
        return sendJson(response, 200, {});
      case 'DELETE services/*/endpoint':
        api.clearEndpoint(service ?? '');
        return sendJson(response, 200, {});
      case 'GET ca.pem':
        return send(response, 200, { 'content-type': 'application/x-pem-file' }, api.authorityPem);
      case 'GET clock':
        return sendJson(response, 200, clockState(api.clock));
      case 'POST clock':
        api.clock.advance(readAdvance(await jsonBody(request, 'CLOCK_INVALID'), api.clock.now()));
        return sendJson(response, 200, clockState(api.clock));
      case 'GET faults':
        return sendJson(response, 200, faultState(api.faults));
      case 'PUT faults':
        api.faults.use(parseFaultPlan(await textBody(request)));
        return sendJson(response, 200, faultState(api.faults));
      case 'DELETE faults':
        api.faults.use(undefined);
        return sendJson(response, 200, faultState(api.faults));
      default:
        return sendJson(response, 404, { code: 'UNKNOWN_CALL', message: `No ${call} here.` });
    }
  } catch (error) {
    if (!(error instanceof LocalCloudError)) throw error;
    sendJson(response, 422, { code: error.code, message: error.message });
  }
}

async function registrationOf(
  request: IncomingMessage,
  service: string | undefined,
): Promise<ServiceRegistration> {
  const body = await jsonBody(request);
  if (body.service !== service || !isRecord(body.template) || !Array.isArray(body.functions)) {
    throw new LocalCloudError(
      'BAD_REGISTRATION',
      `The registration of ${service} needs its service, template and functions.`,
    );
  }
  return body as unknown as ServiceRegistration;
}

async function endpointOf(request: IncomingMessage): Promise<ServiceEndpoint> {
  const { lambdaUrl, pid, api } = await jsonBody(request);
  if (typeof lambdaUrl !== 'string' || !URL.canParse(lambdaUrl) || typeof pid !== 'number') {
    throw new LocalCloudError('BAD_REGISTRATION', 'An endpoint needs its lambdaUrl and its pid.');
  }
  return { lambdaUrl, pid, ...(typeof api === 'string' && { api }) };
}

function clockState(clock: MovableClock) {
  return { now: clock.now(), offsetMs: clock.offsetMs };
}

/** `plan: null`: nothing is injected. */
function faultState(faults: Faults) {
  return { plan: faults.plan() ?? null, injected: faults.status()?.injected ?? {} };
}

async function textBody(request: IncomingMessage): Promise<string> {
  return (await readBody(request, MAX_REQUEST_BYTES)).toString('utf8');
}

async function jsonBody(
  request: IncomingMessage,
  code = 'BAD_REGISTRATION',
): Promise<Record<string, unknown>> {
  const text = await textBody(request);
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw new LocalCloudError(code, 'The request body is not a JSON object.');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
