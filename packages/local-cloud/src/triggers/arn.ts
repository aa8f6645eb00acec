/** `arn:aws:<service>:<region>:<account>:<resource>` */
export interface Arn {
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

export function parseArn(arn: string): Arn {
  const [, , service = '', region = '', account = '', ...resource] = arn.split(':');
  return { service, region, account, resource: resource.join(':') };
}

/** The name that a source is known by to its own API and to `nudge`: stream, table or queue. */
export function sourceName(arn: string): string {
  const { service, resource } = parseArn(arn);
  if (service === 'sqs') return resource;
  return resource.split('/')[1] ?? resource;
}
