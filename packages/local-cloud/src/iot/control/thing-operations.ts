import { invalid } from '../registry/iot-error.ts';
import type { Thing, ThingChange } from '../registry/things.ts';
import { type Call, type Operation, pageOf, principalOf } from './operation.ts';

const THING = /^\/things\/([^/]+)$/;
const PRINCIPALS = /^\/things\/([^/]+)\/principals$/;

/** https://docs.aws.amazon.com/iot/latest/apireference/API_Operations_AWS_IoT.html */
export const thingOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: THING,
    run(call) {
      const { thingName, thingId } = call.registry.things.create(nameOf(call), changeOf(call));
      return { thingName, thingArn: arnOf(call, thingName), thingId };
    },
  },
  {
    method: 'GET',
    path: THING,
    run(call) {
      const thing = call.registry.things.get(nameOf(call));
      return {
        ...described(call, thing),
        thingId: thing.thingId,
        defaultClientId: thing.thingName,
      };
    },
  },
  {
    method: 'PATCH',
    path: THING,
    run(call) {
      call.registry.things.update(nameOf(call), changeOf(call));
      return {};
    },
  },
  {
    method: 'DELETE',
    path: THING,
    run(call) {
      const expected = call.query.get('expectedVersion');
      call.registry.removeThing(nameOf(call), expected === null ? undefined : Number(expected));
      return {};
    },
  },
  {
    method: 'GET',
    path: /^\/things$/,
    run(call) {
      const [name, value] = [call.query.get('attributeName'), call.query.get('attributeValue')];
      const things = call.registry.things
        .list()
        .filter(({ attributes }) => name === null || attributes[name] === value);
      const { page, next } = pageOf(things, call, { size: 'maxResults', token: 'nextToken' });
      return { things: page.map((thing) => described(call, thing)), nextToken: next };
    },
  },
  {
    method: 'PUT',
    path: PRINCIPALS,
    run(call) {
      const { registry } = call;
      const certificate = registry.certificateIdOf(principalOf(call));
      registry.certificates.get(certificate);
      registry.principals.attach(registry.things.get(nameOf(call)).thingName, certificate);
      return {};
    },
  },
  {
    method: 'DELETE',
    path: PRINCIPALS,
    run(call) {
      const { registry } = call;
      const { thingName } = registry.things.get(nameOf(call));
      registry.principals.detach(thingName, registry.certificateIdOf(principalOf(call)));
      return {};
    },
  },
  {
    method: 'GET',
    path: PRINCIPALS,
    run(call) {
      const { registry } = call;
      const { thingName } = registry.things.get(nameOf(call));
      const principals = registry.principals
        .rightsOf(thingName)
        .map((id) => registry.arn(`cert/${id}`));
      const { page, next } = pageOf(principals, call, { size: 'maxResults', token: 'nextToken' });
      return { principals: page, nextToken: next };
    },
  },
  {
    method: 'GET',
    path: /^\/principals\/things$/,
    run(call) {
      const { registry } = call;
      const certificate = registry.certificateIdOf(principalOf(call));
      registry.certificates.get(certificate);
      const things = registry.principals.leftsOf(certificate);
      const { page, next } = pageOf(things, call, { size: 'maxResults', token: 'nextToken' });
      return { things: page, nextToken: next };
    },
  },
];

const nameOf = ({ path }: Call) => path[0] ?? '';
const arnOf = ({ registry }: Call, name: string) => registry.arn(`thing/${name}`);

function described(call: Call, { thingName, thingTypeName, attributes, version }: Thing) {
  return { thingName, thingArn: arnOf(call, thingName), thingTypeName, attributes, version };
}

function changeOf({ body }: Call): ThingChange {
  const { thingTypeName, attributePayload = {}, expectedVersion } = body;
  if (!isRecord(attributePayload)) throw invalid('attributePayload is an object.');
  const { attributes, merge } = attributePayload;
  if (attributes !== undefined && !isTexts(attributes))
    throw invalid('attributes are texts by name.');
  return {
    ...(typeof thingTypeName === 'string' && { thingTypeName }),
    ...(attributes !== undefined && { attributes }),
    merge: merge === true,
    ...(typeof expectedVersion === 'number' && { expectedVersion }),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((one) => typeof one === 'string');
}
