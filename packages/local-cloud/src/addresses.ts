import { LocalCloudError } from './errors.ts';

/** Where the local cloud listens. `0` lets the system choose a free port. */
export interface LocalPorts {
  readonly edge: number;
  readonly mqtt: number;
  /** MQTT over TLS with certificates; a free port where it is missing. */
  readonly mqtts?: number;
  /** PostgreSQL; a free port where it is missing. */
  readonly postgres?: number;
  readonly api: number;
}

export const localRegion = 'us-east-1';
export const localAccountId = '000000000000';

/** The credentials that services get; presigned URLs made with them are verified. */
export const localCredentials = { accessKeyId: 'millrace', secretAccessKey: 'millrace' } as const;

/** How the cloud calls itself where it is its own client (the provisioner, destinations). */
export const ownUserAgent = 'millrace-cloud';

const defaultPorts = { edge: 4566, mqtt: 1883, mqtts: 8883, postgres: 5432, api: 3000 };

const variables: Readonly<Record<keyof typeof defaultPorts, string>> = {
  edge: 'MILLRACE_EDGE_PORT',
  mqtt: 'MILLRACE_MQTT_PORT',
  mqtts: 'MILLRACE_MQTTS_PORT',
  postgres: 'MILLRACE_POSTGRES_PORT',
  api: 'MILLRACE_API_PORT',
};

/**
 * The ports that the environment asks for: the usual ones, moved by `MILLRACE_PORT_OFFSET`, each
 * replaceable by `MILLRACE_EDGE_PORT`, `MILLRACE_MQTT_PORT`, `MILLRACE_MQTTS_PORT`,
 * `MILLRACE_POSTGRES_PORT`, `MILLRACE_API_PORT`. Who chooses the port of MQTT and none for TLS or
 * PostgreSQL gets a free one for that.
 *
 * @throws LocalCloudError PORT_INVALID
 */
export function portsFromEnvironment(env: NodeJS.ProcessEnv): Required<LocalPorts> {
  const offset = wholeNumber('MILLRACE_PORT_OFFSET', env.MILLRACE_PORT_OFFSET, -1000) ?? 0;
  const given = (name: keyof LocalPorts) => wholeNumber(variables[name], env[variables[name]], 0);
  const port = (name: keyof LocalPorts) => given(name) ?? defaultPorts[name] + offset;
  const beside = (name: 'mqtts' | 'postgres') =>
    given(name) ?? (given('mqtt') === undefined ? port(name) : 0);
  return {
    edge: port('edge'),
    mqtt: port('mqtt'),
    mqtts: beside('mqtts'),
    postgres: beside('postgres'),
    api: port('api'),
  };
}

export function portsToEnvironment(ports: LocalPorts): Record<string, string> {
  return {
    [variables.edge]: String(ports.edge),
    [variables.mqtt]: String(ports.mqtt),
    [variables.mqtts]: String(ports.mqtts ?? 0),
    [variables.postgres]: String(ports.postgres ?? 0),
    [variables.api]: String(ports.api),
  };
}

/** What clients of PostgreSQL take as `DATABASE_URL`. */
export function postgresUrl(port: number): string {
  return `postgres://millrace:millrace@127.0.0.1:${port}/postgres`;
}

function wholeNumber(name: string, value: string | undefined, least: number): number | undefined {
  if (value === undefined || value === '') return undefined;
  const parsed = Number(value);
  if (Number.isInteger(parsed) && parsed >= least && parsed <= 60_000) return parsed;
  throw new LocalCloudError(
    'PORT_INVALID',
    `${name}=${value} is no usable number: give a whole number from ${least} to 60000.`,
  );
}
