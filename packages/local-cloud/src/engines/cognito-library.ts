import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { CognitoStores } from './cognito-store.ts';

interface CognitoService {
  init(context: Context): Promise<void>;
}

export interface Logger {
  debug(...line: unknown[]): void;
  info(...line: unknown[]): void;
  warn(...line: unknown[]): void;
  error(...line: unknown[]): void;
  child(): Logger;
}

export interface Context {
  readonly logger: Logger;
}

interface MessageSender {
  sendEmail(context: Context, user: unknown, destination: string, message: SentMessage): unknown;
  sendSms(context: Context, user: unknown, destination: string, message: SentMessage): unknown;
}

export interface SentMessage {
  readonly __code?: string;
}

type Route = (context: Context, request: object) => Promise<unknown>;

/** The parts of cognito-local that we put together ourselves. */
interface Library {
  DateClock: new () => object;
  CognitoServiceImpl: new (
    directory: string,
    clients: object,
    defaults: object,
    pools: object,
  ) => CognitoService;
  TriggersService: new (clock: object, cognito: object, lambda: object, crypto: object) => object;
  MessagesService: new (triggers: object, delivery: object) => object;
  UserPoolServiceFactoryImpl: new (clock: object, stores: CognitoStores) => object;
  MessageDeliveryService: new (sender: MessageSender) => object;
  JwtTokenGenerator: new (clock: object, triggers: object, config: object) => object;
  otp: () => string;
  Router: (services: object) => (target: string) => Route;
  createServer: (
    router: (target: string) => Route,
    logger: unknown,
    options: object,
    services: object,
  ) => { application: RequestListener };
  logger: unknown;
}

/**
 * Loads cognito-local piece by piece: its one-call entry reads and writes the working directory,
 * takes its issuer from the environment and loads the whole AWS SDK of 2014 for Lambda triggers.
 */
export function loadCognitoLibrary(): Library {
  const load = createRequire(import.meta.url);
  const part = (name: string) => load(`cognito-local/lib/${name}`);
  // Its server logs through pino-http, which insists on a real pino: its own, kept silent.
  const pino = createRequire(load.resolve('cognito-local/package.json'))('pino');
  return {
    ...part('services'),
    ...part('services/userPoolService'),
    ...part('services/messageDelivery/messageDelivery'),
    ...part('services/tokenGenerator'),
    ...part('services/otp'),
    ...part('server/Router'),
    ...part('server/server'),
    logger: pino({ level: 'silent' }),
  };
}
