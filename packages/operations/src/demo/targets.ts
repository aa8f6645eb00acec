import {
  localCredentials,
  localRegion,
  portsFromEnvironment,
} from '@millrace/local-cloud/addresses';

/** Where the stack that is to be shown listens. */
export interface Targets {
  /** e.g. `http://127.0.0.1:3000`. */
  readonly apiUrl: string;
  /** The edge that speaks for every AWS service, e.g. `http://127.0.0.1:4566`. */
  readonly edgeUrl: string;
  /** e.g. `mqtt://127.0.0.1:1883`. */
  readonly mqttUrl: string;
  readonly stage: string;
}

/** The local stack's addresses, as `MILLRACE_PORT_OFFSET` and its kin move them. */
export function localTargets(env: NodeJS.ProcessEnv = process.env): Targets {
  const ports = portsFromEnvironment(env);
  return {
    apiUrl: `http://127.0.0.1:${ports.api}`,
    edgeUrl: `http://127.0.0.1:${ports.edge}`,
    mqttUrl: `mqtt://127.0.0.1:${ports.mqtt}`,
    stage: 'local',
  };
}

/** SDK client settings for the local edge. */
export function edgeClientOptions(targets: Targets) {
  return { endpoint: targets.edgeUrl, region: localRegion, credentials: localCredentials };
}
