import { localAccountId } from '@millrace/local-cloud/addresses';
import { NotOffered } from '../rule.ts';
import { region } from './clients.ts';
import type { FunctionSettings, Subject } from './subject.ts';

type Declaring = Pick<
  Subject,
  | 'deployFunction'
  | 'removeFunction'
  | 'mapEvents'
  | 'notifyBucket'
  | 'createTopicRule'
  | 'schedule'
>;

/** What a service of one function declares; grows with every trigger that a rule asks for. */
interface Declared {
  readonly settings: FunctionSettings;
  readonly events: Record<string, unknown>[];
  readonly resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

/**
 * Functions and triggers as serverless.yml declares them: each function is a service of its own, told
 * to the cloud as the plugin tells it, whose host is the referee.
 */
export function createDeclarations(
  endpoint: string,
  lambdaUrl: string,
): Declaring & {
  /** Says again where the functions answer: a cloud that starts does not know. */
  tellEndpoints(): Promise<void>;
} {
  const services = new Map<string, Declared>();
  const urlOf = (service: string) => `${endpoint}/_millrace/services/${service}`;
  const tellEndpoint = (service: string) =>
    put(`${urlOf(service)}/endpoint`, { lambdaUrl, pid: process.pid });

  function declared(name: string): Declared {
    const found = services.get(name);
    if (!found) throw new Error(`The function ${name} was not deployed.`);
    return found;
  }

  async function register(name: string): Promise<void> {
    const answer = await put(urlOf(name), registration(name, declared(name)));
    const { warnings } = answer as { warnings: readonly string[] };
    const refused = warnings.filter((warning) => warning.endsWith('The trigger does not run.'));
    if (refused.length > 0) throw new Error(refused.join('\n'));
    const missing = warnings.filter((warning) => /no effect|not supported/.test(warning));
    if (missing.length > 0) throw new NotOffered(missing.join('\n'));
  }

  async function addResource(
    name: string,
    Type: string,
    Properties: Record<string, unknown>,
  ): Promise<void> {
    const { resources } = declared(name);
    const logicalId = `Resource${Object.keys(resources).length + 1}`;
    resources[logicalId] = { Type, Properties };
    try {
      await register(name);
    } catch (error) {
      delete resources[logicalId];
      await register(name);
      throw error;
    }
  }

  async function remove(name: string): Promise<void> {
    services.delete(name);
    const nothing = { settings: { name }, events: [], resources: {} };
    await put(urlOf(name), { ...registration(name, nothing), functions: [] });
    await fetch(`${urlOf(name)}/endpoint`, { method: 'DELETE' });
  }

  return {
    async deployFunction(settings) {
      const { events = [], resources = {} } = services.get(settings.name) ?? {};
      services.set(settings.name, { settings, events, resources });
      await register(settings.name);
      await tellEndpoint(settings.name);
    },
    removeFunction: remove,
    mapEvents: (mapping) =>
      addResource(mapping.FunctionName, 'AWS::Lambda::EventSourceMapping', inSeconds(mapping)),
    async notifyBucket({ functionName, bucket, event, prefix, suffix }) {
      const rules = [...(prefix ? [{ prefix }] : []), ...(suffix ? [{ suffix }] : [])];
      declared(functionName).events.push({ s3: { bucket, event, existing: true, rules } });
      await register(functionName);
    },
    async createTopicRule({ name, payload }) {
      const service = `rule-${name}`;
      services.set(service, { settings: { name: service }, events: [], resources: {} });
      await addResource(service, 'AWS::IoT::TopicRule', {
        RuleName: name,
        TopicRulePayload: payload,
      });
      return () => remove(service);
    },
    async schedule({ functionName, name, expression, input }) {
      const schedule = { name, rate: [expression], ...(input === undefined ? {} : { input }) };
      declared(functionName).events.push({ schedule });
      await register(functionName);
    },
    async tellEndpoints() {
      for (const service of services.keys()) await tellEndpoint(service);
    },
  };
}

/** CloudFormation writes instants as seconds, where the SDK has dates. */
function inSeconds(mapping: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(mapping).map(([name, value]) => [
      name,
      value instanceof Date ? value.getTime() / 1000 : value,
    ]),
  );
}

function registration(service: string, { settings, events, resources }: Declared) {
  const { onFailureArn, onSuccessArn, maximumEventAgeSeconds, ...rest } = settings;
  const destinations = {
    ...(onFailureArn && { onFailure: onFailureArn }),
    ...(onSuccessArn && { onSuccess: onSuccessArn }),
  };
  return {
    service,
    stage: 'local',
    region,
    accountId: localAccountId,
    template: { Resources: resources, Outputs: {} },
    functions: [
      {
        key: 'function',
        memoryMb: 128,
        environment: {},
        ...rest,
        timeoutSeconds: settings.timeoutSeconds ?? 10,
        ...(maximumEventAgeSeconds !== undefined && { maximumEventAge: maximumEventAgeSeconds }),
        ...(Object.keys(destinations).length > 0 && { destinations }),
        events,
      },
    ],
  };
}

async function put(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, { method: 'PUT', body: JSON.stringify(body) });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error((answer as { message?: string }).message ?? 'refused');
  return answer;
}
