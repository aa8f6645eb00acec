import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { CloudState } from '../state.ts';
import {
  type Context,
  type Logger,
  loadCognitoLibrary,
  type SentMessage,
} from './cognito-library.ts';
import { CognitoStores } from './cognito-store.ts';

export interface CognitoEngine {
  /** Answers the JSON protocol, `/oauth2/…` and `/<poolId>/.well-known/jwks.json`. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** `iss` of the pool's tokens. */
  issuer(poolId: string): string;
}

/**
 * Cognito user pools: cognito-local inside this process, its documents in `<stateDir>/cognito`.
 * Pool ids keep cognito-local's form `local_…`; confirmation codes are printed instead of sent.
 *
 * @param options.edgeUrl the address in the tokens' `iss`
 */
export async function startCognito(options: {
  readonly state: CloudState;
  readonly edgeUrl: string;
  readonly log: (line: string) => void;
}): Promise<CognitoEngine> {
  const library = loadCognitoLibrary();
  const context: Context = { logger: silentLogger };
  const clock = new library.DateClock();
  const stores = new CognitoStores(join(options.state.dir, 'cognito'));
  // None of its own: what the template leaves out has Cognito's defaults.
  const defaults = {};
  const clients = await stores.create(context, 'clients', { Clients: {} });
  const cognito = new library.CognitoServiceImpl(
    stores.directory,
    clients,
    defaults,
    new library.UserPoolServiceFactoryImpl(clock, stores),
  );
  await cognito.init(context);
  const triggers = new library.TriggersService(clock, cognito, noLambdaTriggers, noEncryption);
  const config = { UserPoolDefaults: defaults, TriggerFunctions: {} };
  const services = {
    clock,
    cognito,
    config,
    triggers,
    otp: library.otp,
    messages: new library.MessagesService(
      triggers,
      new library.MessageDeliveryService(printingSender(options.log)),
    ),
    tokenGenerator: new library.JwtTokenGenerator(clock, triggers, {
      IssuerDomain: options.edgeUrl,
    }),
  };
  const server = library.createServer(library.Router(services), library.logger, {}, services);
  return {
    handle: server.application,
    issuer: (poolId) => `${options.edgeUrl}/${poolId}`,
  };
}

/** Prints codes for the developer; of the receiver only what Cognito itself would show. */
function printingSender(log: (line: string) => void) {
  const print = async (
    _context: Context,
    _user: unknown,
    destination: string,
    message: SentMessage,
  ) => {
    if (message.__code) log(`cognito: code ${message.__code} for ${masked(destination)}`);
  };
  return { sendEmail: print, sendSms: print };
}

/** `jane@example.com` → `j***@e***`, `+15550100` → `+*******00`, as in CodeDeliveryDetails. */
function masked(destination: string): string {
  const [name = '', domain] = destination.split('@');
  if (domain !== undefined) return `${name.slice(0, 1)}***@${domain.slice(0, 1)}***`;
  return `+*******${destination.slice(-2)}`;
}

const noLambdaTriggers = {
  enabled: () => false,
  invoke: () => Promise.reject(new Error('Lambda triggers of user pools do not run locally')),
};

const noEncryption = {
  encrypt: () => Promise.reject(new Error('custom e-mail senders do not run locally')),
};

const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
