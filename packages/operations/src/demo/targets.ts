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

/** The local stack's addresses, moved by `MILLRACE_PORT_OFFSET`. */
export function localTargets(env: NodeJS.ProcessEnv = process.env): Targets {
  const offset = Number(env.MILLRACE_PORT_OFFSET ?? 0);
  return {
    apiUrl: `http://127.0.0.1:${3000 + offset}`,
    edgeUrl: `http://127.0.0.1:${4566 + offset}`,
    mqttUrl: `mqtt://127.0.0.1:${1883 + offset}`,
    stage: 'local',
  };
}

/** SDK client settings for the local edge, which takes any credentials. */
export function edgeClientOptions(targets: Targets) {
  return {
    endpoint: targets.edgeUrl,
    region: 'us-east-1',
    credentials: { accessKeyId: 'millrace', secretAccessKey: 'millrace' },
  };
}
