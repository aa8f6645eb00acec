import type { FunctionRegistration } from '../../ports.ts';
import { isRecord } from '../intrinsics.ts';
import type { Properties } from '../kinds/kind.ts';
import { record } from '../kinds/properties.ts';
import { functionLogicalId } from '../names.ts';
import { eventSettings } from './mapping.ts';

/** `resources.extensions` of serverless.yml: properties for resources that the framework makes. */
export type Extensions = Readonly<Record<string, { readonly Properties?: Properties }>>;

/**
 * A function with what `resources.extensions` changes about it: its event source mappings, and what
 * becomes of asynchronous events. Like the framework's own schema, `destinations:` of an event takes
 * queues and topics only; a bucket has to be written as an extension. Intrinsics stay as they are.
 */
export function extendFunction(
  declared: FunctionRegistration,
  extensions: Extensions,
): FunctionRegistration {
  const asynchronous = extensions[`${normalized(declared.key)}LambdaEvConf`]?.Properties;
  return {
    ...declared,
    ...(asynchronous && asynchronousSettings(declared, asynchronous)),
    events: declared.events.map((event) => {
      const logicalId = mappingLogicalId(declared.key, event);
      const properties = logicalId === undefined ? undefined : extensions[logicalId]?.Properties;
      return properties ? extendEvent(event, properties) : event;
    }),
  };
}

/** The logical id that the Serverless Framework gives the mapping of a `stream` or `sqs` event. */
export function mappingLogicalId(
  key: string,
  event: Readonly<Record<string, unknown>>,
): string | undefined {
  const [kind] = Object.keys(event);
  if (kind !== 'stream' && kind !== 'sqs') return undefined;
  const declared = event[kind];
  const settings = isRecord(declared) ? declared : { arn: declared };
  const type = kind === 'sqs' ? 'SQS' : String(settings.type ?? String(settings.arn).split(':')[2]);
  const name = sourceName(settings.arn, kind === 'sqs' ? ':' : '/').replace(/[^0-9A-Za-z]/g, '');
  return `${normalized(key)}EventSourceMapping${capitalized(type)}${capitalized(name)}`;
}

function sourceName(arn: unknown, separator: ':' | '/'): string {
  if (typeof arn === 'string') {
    const parts = arn.split(separator);
    return (separator === '/' ? parts[1] : parts.at(-1)) ?? '';
  }
  if (!isRecord(arn)) return '';
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::ImportValue': imported, 'Fn::Join': joined } = arn;
  if (Array.isArray(attribute)) return String(attribute[0]);
  if (Array.isArray(joined) && Array.isArray(joined[1])) {
    const last = String(joined[1].at(-1));
    return separator === '/' ? (last.split('/').at(-1) ?? '') : last;
  }
  return String(Ref ?? imported ?? '');
}

function extendEvent(
  event: Readonly<Record<string, unknown>>,
  properties: Properties,
): Record<string, unknown> {
  const [kind = ''] = Object.keys(event);
  const declared = event[kind];
  const settings = isRecord(declared) ? declared : { arn: declared };
  const extended = Object.entries(eventSettings(properties)).filter(
    ([, value]) => value !== undefined,
  );
  return { [kind]: { ...settings, ...Object.fromEntries(extended) } };
}

/** `AWS::Lambda::EventInvokeConfig` in the framework's own words. */
function asynchronousSettings(declared: FunctionRegistration, properties: Properties) {
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = properties;
  const config = record(properties, 'DestinationConfig') ?? {};
  const onFailure = record(config, 'OnFailure')?.Destination;
  const onSuccess = record(config, 'OnSuccess')?.Destination;
  return {
    ...(MaximumRetryAttempts !== undefined && {
      maximumRetryAttempts: Number(MaximumRetryAttempts),
    }),
    ...(MaximumEventAgeInSeconds !== undefined && {
      maximumEventAge: Number(MaximumEventAgeInSeconds),
    }),
    destinations: {
      ...declared.destinations,
      ...(onFailure !== undefined && { onFailure }),
      ...(onSuccess !== undefined && { onSuccess }),
    },
  };
}

const normalized = (key: string) => functionLogicalId(key).replace(/LambdaFunction$/, '');
const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
