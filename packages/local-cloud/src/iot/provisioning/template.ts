import { invalidParameters, ProvisioningError } from './provisioning-error.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Fields = { readonly [name: string]: Json };

/** A template for devices, as its body has it. */
export interface ProvisioningTemplate {
  readonly parameters: Fields;
  readonly thing: { readonly properties: Fields; readonly overrides: Fields } | undefined;
  readonly certificate: Fields;
  readonly policies: readonly Fields[];
  readonly deviceConfiguration: Fields;
}

/** What a template makes for one device. */
export interface Provisioned {
  readonly thing:
    | {
        readonly name: string;
        readonly attributes: Readonly<Record<string, string>>;
        /** What becomes of the attributes of a thing that is there. */
        readonly override: 'DO_NOTHING' | 'REPLACE' | 'MERGE' | 'FAIL';
      }
    | undefined;
  readonly certificateId: string;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly policies: readonly string[];
  readonly deviceConfiguration: Fields;
}

const OVERRIDES = ['DO_NOTHING', 'REPLACE', 'MERGE', 'FAIL'] as const;

/**
 * Reads the body of a fleet provisioning template. What the local cloud does not do with one is
 * refused here, when it is deployed, and not when a device comes.
 * https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
 *
 * @throws Error that says what is wrong
 */
export function parseTemplate(body: string): ProvisioningTemplate {
  const { Parameters, Resources, DeviceConfiguration, ...others } = fieldsOf(
    JSON.parse(body),
    'the template',
  );
  refuseOthers(others, 'the template');
  const resources = Object.entries(fieldsOf(Resources, 'Resources')).map(([name, resource]) => {
    const { Type, Properties, OverrideSettings } = fieldsOf(resource, name);
    const properties = fieldsOf(Properties, `Properties of ${name}`);
    return { name, type: Type, properties, overrides: fieldsOf(OverrideSettings, name) };
  });
  for (const { name, type, properties } of resources) {
    const known = KNOWN.get(String(type));
    if (!known) throw new Error(`${name} has the type ${String(type)}`);
    const rest = Object.keys(properties).filter((property) => !known.has(property));
    if (rest.length > 0) throw new Error(`${rest[0]} of ${name} is not offered locally`);
  }
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const [thing, secondThing] = ofType('AWS::IoT::Thing');
  const [certificate, secondCertificate] = ofType('AWS::IoT::Certificate');
  if (!certificate || secondCertificate) throw new Error('a template has one certificate');
  if (secondThing) throw new Error('a template has one thing at most');
  return {
    parameters: fieldsOf(Parameters, 'Parameters'),
    thing: thing && { properties: thing.properties, overrides: thing.overrides },
    certificate: certificate.properties,
    policies: ofType('AWS::IoT::Policy').map(({ properties }) => properties),
    deviceConfiguration: fieldsOf(DeviceConfiguration, 'DeviceConfiguration'),
  };
}

const KNOWN: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['AWS::IoT::Thing', new Set(['ThingName', 'AttributePayload'])],
  ['AWS::IoT::Certificate', new Set(['CertificateId', 'Status'])],
  ['AWS::IoT::Policy', new Set(['PolicyName'])],
]);

/**
 * Fills in a template.
 * @param given parameters of the device, then those of the hook, which go before
 * @throws ProvisioningError InvalidParameters
 */
export function fillTemplate(
  template: ProvisioningTemplate,
  given: Readonly<Record<string, string>>,
): Provisioned {
  const values = new Map(Object.entries(given));
  for (const [name, declared] of Object.entries(template.parameters)) {
    const { Default } = fieldsOf(declared, name);
    if (!values.has(name) && typeof Default === 'string') values.set(name, Default);
    if (!values.has(name)) throw invalidParameters(`The parameter ${name} is missing.`);
  }
  const text = (value: Json | undefined, what: string) => {
    const filled = fill(value ?? null, values);
    if (typeof filled === 'string' && filled !== '') return filled;
    throw invalidParameters(`${what} is no text.`);
  };
  const status = text(template.certificate.Status ?? 'Active', 'Status').toUpperCase();
  return {
    thing: template.thing && thingOf(template.thing, text),
    certificateId: text(template.certificate.CertificateId, 'CertificateId'),
    status: status === 'ACTIVE' ? 'ACTIVE' : 'INACTIVE',
    policies: template.policies.map(({ PolicyName }) => text(PolicyName, 'PolicyName')),
    deviceConfiguration: fieldsOf(fill(template.deviceConfiguration, values), ''),
  };
}

function thingOf(
  { properties, overrides }: NonNullable<ProvisioningTemplate['thing']>,
  text: (value: Json | undefined, what: string) => string,
): Provisioned['thing'] {
  const attributes = Object.entries(fieldsOf(properties.AttributePayload, 'AttributePayload'));
  return {
    name: text(properties.ThingName, 'ThingName'),
    attributes: Object.fromEntries(attributes.map(([name, value]) => [name, text(value, name)])),
    override: OVERRIDES.find((one) => one === overrides.AttributePayload) ?? 'DO_NOTHING',
  };
}

/** `Ref`, `Fn::Join` and `Fn::Sub` with the parameters; all else stays. */
function fill(value: Json, values: ReadonlyMap<string, string>): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((one) => fill(one, values));
  const [[name, inner] = ['', null], more] = Object.entries(value);
  if (more === undefined && name === 'Ref') return refer(String(inner), values);
  if (more === undefined && name === 'Fn::Sub') {
    return String(inner).replace(/\$\{([^}]+)\}/g, (_, key: string) => refer(key, values));
  }
  if (more === undefined && name === 'Fn::Join' && isList(inner)) {
    const [separator = '', parts = []] = inner;
    return (isList(parts) ? parts : [])
      .map((part) => String(fill(part, values)))
      .join(String(separator));
  }
  if (name.startsWith('Fn::')) {
    throw new ProvisioningError(500, 'InternalFailure', `${name} is not offered locally.`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one, values)]));
}

function refer(name: string, values: ReadonlyMap<string, string>): string {
  const value = values.get(name);
  if (value === undefined) throw invalidParameters(`There is no parameter ${name}.`);
  return value;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function fieldsOf(value: Json | undefined, what: string): Fields {
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !isList(value)) return value as Fields;
  throw new Error(`${what} is no object`);
}

function refuseOthers(others: Fields, what: string): void {
  const [name] = Object.keys(others);
  if (name !== undefined) throw new Error(`${name} of ${what} is not offered locally`);
}
