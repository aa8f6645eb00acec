import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import {
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListThingPrincipalsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bits, explicit, integer, oid, sequence } from '../../src/iot/certificates/der.ts';
import { type CloudFixture, startCloudFixture } from '../edge/cloud-fixture.ts';
import { type LambdaServer, startLambdaServer } from '../edge/lambda-server.ts';
import { registration, runService } from '../edge/service-fixture.ts';
import { allow, type Credentials, connectThing, makeCertificate } from './things-fixture.ts';

const CREATE = '$aws/certificates/create/json';
const FROM_CSR = '$aws/certificates/create-from-csr/json';
const PROVISION = '$aws/provisioning-templates/fleet/provision/json';
const TOPICS = [CREATE, FROM_CSR, '$aws/provisioning-templates/*/provision/json'];
const claimPolicy = [
  allow('Connect', 'client/*'),
  allow('Publish', ...TOPICS.map((topic) => `topic/${topic}`)),
  allow('Subscribe', 'topicfilter/$aws/*'),
  allow('Receive', ...TOPICS.map((topic) => `topic/${topic}/*`)),
];
const THING = `\${iot:Connection.Thing.ThingName}`;
const template = {
  Parameters: {
    SerialNumber: { Type: 'String' },
    Colour: { Type: 'String', Default: 'grey' },
    'AWS::IoT::Certificate::Id': { Type: 'String' },
  },
  Resources: {
    thing: {
      Type: 'AWS::IoT::Thing',
      Properties: {
        ThingName: { 'Fn::Join': ['', ['pump-', { Ref: 'SerialNumber' }]] },
        AttributePayload: { colour: { Ref: 'Colour' } },
      },
    },
    certificate: {
      Type: 'AWS::IoT::Certificate',
      Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' },
    },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'pumps' } },
  },
  DeviceConfiguration: { topic: { 'Fn::Sub': `up/\${SerialNumber}` } },
};
const policy = {
  Version: '2012-10-17',
  Statement: [allow('Connect', `client/${THING}`), allow('Publish', 'topic/up')],
};
const hookArn = 'arn:aws:lambda:us-east-1:000000000000:function:millrace-sample-local-hook';
const fleet = (TemplateBody: unknown, more = {}) => ({
  Type: 'AWS::IoT::ProvisioningTemplate',
  Properties: {
    ...{ TemplateName: 'fleet', TemplateBody: JSON.stringify(TemplateBody), Enabled: true },
    PreProvisioningHook: { TargetArn: hookArn, PayloadVersion: '2020-04-01' },
    ...more,
  },
});

let fixture: CloudFixture;
let functions: LambdaServer;
let iot: IoTClient;
let claim: Credentials;
let decide: (event: { parameters: Record<string, string> }) => unknown;
beforeAll(async () => {
  fixture = await startCloudFixture();
  iot = new IoTClient(fixture.client);
  functions = await startLambdaServer((_name, event) => decide(event as never));
  const resources = {
    Pumps: {
      Type: 'AWS::IoT::Policy',
      Properties: { PolicyName: 'pumps', PolicyDocument: policy },
    },
    Fleet: fleet(template),
    Resting: fleet(template, { TemplateName: 'resting', Enabled: false }),
  };
  await runService(fixture.cloud.edgeUrl, registration({ hook: {} }, resources), functions.url);
  claim = await makeCertificate(fixture, { statements: claimPolicy });
});
afterAll(async () => {
  iot.destroy();
  await functions.close();
  await fixture.stop();
});

type Answer = Record<string, string> & { outcome: string };

/** A device that has nothing but the certificate of its claim. */
async function unbox(clientId: string) {
  const { client, heard, closed } = await connectThing(fixture, clientId, claim);
  const ask = async (topic: string, document: unknown = {}): Promise<Answer> => {
    await client.subscribeAsync([`${topic}/accepted`, `${topic}/rejected`], { qos: 1 });
    const before = heard.length;
    await client.publishAsync(topic, JSON.stringify(document), { qos: 1 });
    await expect.poll(() => heard.length).toBe(before + 1);
    const { topic: from = '', text = '' } = heard[before] ?? {};
    return { ...JSON.parse(text), outcome: from.slice(topic.length + 1) };
  };
  const provision = (token: string | undefined, parameters: unknown, topic = PROVISION) =>
    ask(topic, { certificateOwnershipToken: token, parameters });
  return { client, closed, ask, provision, heard };
}

const statusOf = async (certificateId = '') =>
  (await iot.send(new DescribeCertificateCommand({ certificateId }))).certificateDescription
    ?.status;
const allowed = () => ({ allowProvisioning: true });

describe('a device with nothing but the certificate of its claim', () => {
  it('is given one of its own, with which it connects once the hook and the template say so', async () => {
    decide = () => ({ allowProvisioning: true, parameterOverrides: { Colour: 'blue' } });
    const device = await unbox('box-1');
    const made = await device.ask(CREATE);
    expect(made.outcome).toBe('accepted');
    expect(await statusOf(made.certificateId)).toBe('PENDING_ACTIVATION');
    const own = { cert: made.certificatePem ?? '', key: made.privateKey ?? '' };
    await expect(connectThing(fixture, 'pump-7', own)).rejects.toThrow('Not authorized');

    const answer = await device.provision(made.certificateOwnershipToken, { SerialNumber: '7' });
    expect(answer).toEqual({
      ...{ outcome: 'accepted', thingName: 'pump-7', deviceConfiguration: { topic: 'up/7' } },
    });
    expect(functions.received.at(-1)?.event).toEqual({
      claimCertificateId: claim.certificateId,
      certificateId: made.certificateId,
      certificatePem: made.certificatePem,
      templateArn: 'arn:aws:iot:us-east-1:000000000000:provisioningtemplate/fleet',
      clientId: 'box-1',
      parameters: { SerialNumber: '7' },
    });
    const { attributes } = await iot.send(new DescribeThingCommand({ thingName: 'pump-7' }));
    expect(attributes).toEqual({ colour: 'blue' });
    const { principals } = await iot.send(new ListThingPrincipalsCommand({ thingName: 'pump-7' }));
    const { policies } = await iot.send(
      new ListAttachedPoliciesCommand({ target: principals?.[0] }),
    );
    expect(policies?.map(({ policyName }) => policyName)).toEqual(['pumps']);
    const pump = await connectThing(fixture, 'pump-7', own);
    await pump.client.publishAsync('up', 'a', { qos: 1 });
    await pump.client.endAsync();
    await device.client.endAsync();
  });

  it('may ask for the same again, which changes nothing', async () => {
    decide = allowed;
    const device = await unbox('box-2');
    const { certificateOwnershipToken: token } = await device.ask(CREATE);
    const first = await device.provision(token, { SerialNumber: '8' });
    expect(await device.provision(token, { SerialNumber: '8' })).toEqual(first);
    const { principals } = await iot.send(new ListThingPrincipalsCommand({ thingName: 'pump-8' }));
    expect(principals).toHaveLength(1);
    await device.client.endAsync();
  });

  it('has its own key certified, and keeps it', async () => {
    decide = allowed;
    const device = await unbox('box-3');
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const info = sequence(
      ...[integer(Buffer.from([0])), sequence()],
      publicKey.export({ type: 'spki', format: 'der' }),
      explicit(0, Buffer.alloc(0)),
    );
    const requestOf = (signature: Buffer) => {
      const der = sequence(info, sequence(oid('1.2.840.10045.4.3.2')), bits(signature));
      const base64 = der.toString('base64');
      return {
        certificateSigningRequest: `-----BEGIN CERTIFICATE REQUEST-----\n${base64}\n-----END CERTIFICATE REQUEST-----\n`,
      };
    };
    const forged = await device.ask(
      FROM_CSR,
      requestOf(sign('sha256', info.subarray(1), privateKey)),
    );
    expect([forged.outcome, forged.errorCode]).toEqual([
      'rejected',
      'InvalidCertificateSigningRequest',
    ]);
    const made = await device.ask(FROM_CSR, requestOf(sign('sha256', info, privateKey)));
    expect(made.privateKey).toBeUndefined();
    const certificate = new X509Certificate(made.certificatePem ?? '');
    expect(certificate.publicKey.equals(publicKey)).toBe(true);
    await device.provision(made.certificateOwnershipToken, { SerialNumber: '9' });
    const own = await connectThing(fixture, 'pump-9', { cert: made.certificatePem ?? '', key });
    await own.client.endAsync();
    await device.client.endAsync();
  });

  it('is the only one who hears the answers and the questions', async () => {
    decide = allowed;
    const device = await unbox('box-4');
    const other = await unbox('box-5');
    await other.client.subscribeAsync('$aws/#', { qos: 1 });
    const { certificateOwnershipToken: token } = await device.ask(CREATE);
    await device.provision(token, { SerialNumber: '10' });
    await other.ask(PROVISION, {});
    expect(other.heard.map(({ topic }) => topic)).toEqual([`${PROVISION}/rejected`]);
    await device.client.endAsync();
    await other.client.endAsync();
  });

  it('may publish nothing else', async () => {
    const device = await unbox('box-6');
    device.client.publish('up', 'forged', { qos: 1 });
    await device.closed;
  });

  it.each([
    ['no token', undefined, { SerialNumber: '1' }, 400, 'InvalidCertificateOwnershipToken'],
    ['a guessed token', 'x', { SerialNumber: '1' }, 400, 'InvalidCertificateOwnershipToken'],
    ['no serial number', 'own', {}, 400, 'InvalidParameters'],
    ['numbers', 'own', { SerialNumber: 1 }, 400, 'InvalidParameters'],
    ['a refusing hook', 'own', { SerialNumber: 'no' }, 403, 'AccessDenied'],
    ['a failing hook', 'own', { SerialNumber: 'bad' }, 403, 'AccessDenied'],
  ])('is refused with %s', async (_case, token, parameters, statusCode, errorCode) => {
    decide = ({ parameters: { SerialNumber } }) => {
      if (SerialNumber === 'bad') throw new Error('broken');
      return { allowProvisioning: SerialNumber !== 'no' };
    };
    const device = await unbox('box-7');
    const made = await device.ask(CREATE);
    const given = token === 'own' ? made.certificateOwnershipToken : token;
    const answer = await device.provision(given, parameters);
    expect(answer).toMatchObject({ outcome: 'rejected', statusCode, errorCode });
    expect(answer.errorMessage).toEqual(expect.any(String));
    expect(await statusOf(made.certificateId)).toBe('PENDING_ACTIVATION');
    await device.client.endAsync();
  });

  it('is refused by a template that is not enabled, or is not there', async () => {
    const device = await unbox('box-8');
    const { certificateOwnershipToken: token } = await device.ask(CREATE);
    for (const name of ['resting', 'none']) {
      const topic = `$aws/provisioning-templates/${name}/provision/json`;
      expect(await device.provision(token, { SerialNumber: '1' }, topic)).toMatchObject({
        ...{ outcome: 'rejected', statusCode: 404, errorCode: 'ResourceNotFound' },
      });
    }
    await device.client.endAsync();
  });

  it('cannot be provisioned when its certificate goes while the hook decides', async () => {
    const device = await unbox('box-9');
    const made = await device.ask(CREATE);
    decide = async () => {
      await iot.send(new DeleteCertificateCommand({ certificateId: made.certificateId }));
      return { allowProvisioning: true };
    };
    const answer = await device.provision(made.certificateOwnershipToken, { SerialNumber: '11' });
    expect(answer.errorCode).toBe('InvalidCertificateOwnershipToken');
    const thing = iot.send(new DescribeThingCommand({ thingName: 'pump-11' }));
    await expect(thing).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await device.client.endAsync();
  });
});

it('takes away, after an hour, what nobody has provisioned, and nothing else', async () => {
  decide = allowed;
  const device = await unbox('box-10');
  const kept = await device.ask(CREATE);
  await device.provision(kept.certificateOwnershipToken, { SerialNumber: '12' });
  const rested = await device.ask(CREATE);
  await device.provision(rested.certificateOwnershipToken, { SerialNumber: '13' });
  await iot.send(
    new UpdateCertificateCommand({ certificateId: rested.certificateId, newStatus: 'INACTIVE' }),
  );
  const left = await device.ask(CREATE);
  fixture.cloud.clock.advance(59 * 60_000);
  expect(await statusOf(left.certificateId)).toBe('PENDING_ACTIVATION');
  fixture.cloud.clock.advance(2 * 60_000);
  await expect
    .poll(() => statusOf(left.certificateId).catch((error: Error) => error.name))
    .toBe('ResourceNotFoundException');
  expect(await statusOf(kept.certificateId)).toBe('ACTIVE');
  expect(await statusOf(rested.certificateId)).toBe('INACTIVE');
  const late = await device.provision(left.certificateOwnershipToken, { SerialNumber: '14' });
  expect(late.errorCode).toBe('InvalidCertificateOwnershipToken');
  await device.client.endAsync();
});

it.each([
  ['a mapping', { ...template, Mappings: {} }],
  ['no certificate', { Resources: { thing: template.Resources.thing } }],
  [
    'a group',
    {
      Resources: {
        ...template.Resources,
        thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'a', ThingGroups: ['b'] } },
      },
    },
  ],
])('a template with %s is refused when it is deployed', async (_case, body) => {
  const declared = { ...registration({}, { Fleet: fleet(body) }), service: 'millrace-wrong' };
  await expect(runService(fixture.cloud.edgeUrl, declared, functions.url)).rejects.toThrow(
    'RESOURCE_FAILED',
  );
});
