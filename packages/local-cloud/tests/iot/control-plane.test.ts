import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  CreateThingGroupCommand,
  DeleteCertificateCommand,
  DeletePolicyCommand,
  DeleteThingCommand,
  DescribeCertificateCommand,
  DescribeEndpointCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  GetPolicyCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListCertificatesCommand,
  ListPrincipalThingsCommand,
  ListThingPrincipalsCommand,
  ListThingsCommand,
  UpdateCertificateCommand,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCloud } from '../../src/cloud.ts';
import { createCloudClient } from '../../src/plugin/cloud-client.ts';
import { type CloudFixture, clientSettings, startCloudFixture } from '../edge/cloud-fixture.ts';

let fixture: CloudFixture;
let iot: IoTClient;
beforeEach(async () => {
  fixture = await startCloudFixture();
  iot = new IoTClient({ ...fixture.client, maxAttempts: 1 });
});
afterEach(() => fixture.stop());

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'accepted',
    (error: Error) => error.name,
  );

const everything = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }],
});

describe('things', () => {
  it('are created, described, changed by version and deleted', async () => {
    const created = await iot.send(
      new CreateThingCommand({
        thingName: 'pump-1',
        attributePayload: { attributes: { site: 'hall', model: 'a' } },
      }),
    );
    expect(created.thingArn).toBe('arn:aws:iot:us-east-1:000000000000:thing/pump-1');
    const change = {
      thingName: 'pump-1',
      attributePayload: { attributes: { model: '', floor: '2' }, merge: true },
    };
    await iot.send(new UpdateThingCommand({ ...change, expectedVersion: 1 }));
    expect(await refusal(iot.send(new UpdateThingCommand({ ...change, expectedVersion: 1 })))).toBe(
      'VersionConflictException',
    );
    expect(await iot.send(new DescribeThingCommand({ thingName: 'pump-1' }))).toMatchObject({
      thingId: created.thingId,
      attributes: { site: 'hall', floor: '2' },
      version: 2,
    });
    await iot.send(new DeleteThingCommand({ thingName: 'pump-1' }));
    expect(await refusal(iot.send(new DescribeThingCommand({ thingName: 'pump-1' })))).toBe(
      'ResourceNotFoundException',
    );
  });

  it('are created once: the same again is the same, another is refused', async () => {
    const command = (site: string) =>
      new CreateThingCommand({ thingName: 'a', attributePayload: { attributes: { site } } });
    const [first, second] = [await iot.send(command('x')), await iot.send(command('x'))];
    expect(second.thingId).toBe(first.thingId);
    expect(await refusal(iot.send(command('y')))).toBe('ResourceAlreadyExistsException');
    expect(await refusal(iot.send(new CreateThingCommand({ thingName: 'a b' })))).toBe(
      'InvalidRequestException',
    );
  });

  it('are listed page by page', async () => {
    for (const name of ['a', 'b', 'c']) await iot.send(new CreateThingCommand({ thingName: name }));
    const first = await iot.send(new ListThingsCommand({ maxResults: 2 }));
    const { nextToken = '' } = first;
    const second = await iot.send(new ListThingsCommand({ maxResults: 2, nextToken }));
    const names = [...(first.things ?? []), ...(second.things ?? [])].map((one) => one.thingName);
    expect(names).toEqual(['a', 'b', 'c']);
    expect(second.nextToken).toBeUndefined();
  });
});

describe('certificates', () => {
  it('are made inactive or active, and deleted only when they are neither active nor attached', async () => {
    const quiet = await iot.send(new CreateKeysAndCertificateCommand({}));
    const { certificateId, certificateArn: principal = '' } = await iot.send(
      new CreateKeysAndCertificateCommand({ setAsActive: true }),
    );
    const statusOf = async (id: string | undefined) =>
      (await iot.send(new DescribeCertificateCommand({ certificateId: id }))).certificateDescription
        ?.status;
    expect(await statusOf(quiet.certificateId)).toBe('INACTIVE');
    expect(await statusOf(certificateId)).toBe('ACTIVE');
    expect(quiet.keyPair?.PrivateKey).toMatch(/^-----BEGIN PRIVATE KEY/);

    await iot.send(new CreateThingCommand({ thingName: 'a' }));
    await iot.send(new AttachThingPrincipalCommand({ thingName: 'a', principal }));
    const remove = () => iot.send(new DeleteCertificateCommand({ certificateId }));
    expect(await refusal(remove())).toBe('CertificateStateException');
    const setStatus = (newStatus: 'REVOKED' | 'PENDING_TRANSFER') =>
      iot.send(new UpdateCertificateCommand({ certificateId, newStatus }));
    expect(await refusal(setStatus('PENDING_TRANSFER'))).toBe('InvalidRequestException');
    await setStatus('REVOKED');
    expect(await refusal(remove())).toBe('DeleteConflictException');
    expect(await refusal(iot.send(new DeleteThingCommand({ thingName: 'a' })))).toBe(
      'InvalidRequestException',
    );
    await iot.send(new DetachThingPrincipalCommand({ thingName: 'a', principal }));
    await remove();
    const { certificates } = await iot.send(new ListCertificatesCommand({}));
    expect(certificates?.map((one) => one.certificateId)).toEqual([quiet.certificateId]);
  });

  it('are listed with their things, and things with their certificates', async () => {
    const { certificateArn: principal = '' } = await iot.send(
      new CreateKeysAndCertificateCommand({ setAsActive: true }),
    );
    await iot.send(new CreateThingCommand({ thingName: 'a' }));
    const attach = new AttachThingPrincipalCommand({ thingName: 'a', principal });
    await iot.send(attach);
    await iot.send(attach);
    const { principals } = await iot.send(new ListThingPrincipalsCommand({ thingName: 'a' }));
    expect(principals).toEqual([principal]);
    expect((await iot.send(new ListPrincipalThingsCommand({ principal }))).things).toEqual(['a']);
    const nobody = { thingName: 'nobody', principal };
    expect(await refusal(iot.send(new AttachThingPrincipalCommand(nobody)))).toBe(
      'ResourceNotFoundException',
    );
  });
});

describe('policies', () => {
  it('are attached to certificates and stay while they are', async () => {
    const policyName = 'device';
    await iot.send(new CreatePolicyCommand({ policyName, policyDocument: everything }));
    const { certificateArn: target = '' } = await iot.send(new CreateKeysAndCertificateCommand({}));
    await iot.send(new AttachPolicyCommand({ policyName, target }));
    const { policies } = await iot.send(new ListAttachedPoliciesCommand({ target }));
    expect(policies?.map((one) => one.policyName)).toEqual([policyName]);
    const remove = () => iot.send(new DeletePolicyCommand({ policyName }));
    expect(await refusal(remove())).toBe('DeleteConflictException');
    await iot.send(new DetachPolicyCommand({ policyName, target }));
    await remove();
    expect(await refusal(iot.send(new GetPolicyCommand({ policyName })))).toBe(
      'ResourceNotFoundException',
    );
  });

  it('that cannot be understood are refused', async () => {
    const policyName = 'broken';
    const create = (policyDocument: string) =>
      iot.send(new CreatePolicyCommand({ policyName, policyDocument }));
    expect(await refusal(create('{}'))).toBe('MalformedPolicyException');
    await create(everything);
    expect(await refusal(create(everything))).toBe('ResourceAlreadyExistsException');
  });
});

it('takes the policies of a template, and its changes', async () => {
  const register = (action: string) =>
    createCloudClient(fixture.cloud.edgeUrl, 'sample').register({
      ...{ service: 'sample', stage: 'local', region: 'us-east-1', accountId: '000000000000' },
      template: {
        Resources: {
          DevicePolicy: {
            Type: 'AWS::IoT::Policy',
            Properties: {
              PolicyName: 'sample-device',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: {
                  Effect: 'Allow',
                  Action: action,
                  Resource: { 'Fn::Sub': `arn:aws:iot:\${AWS::Region}:*:client/\${!iot:ClientId}` },
                },
              },
            },
          },
        },
        Outputs: { Policy: { Value: { 'Fn::GetAtt': ['DevicePolicy', 'Arn'] } } },
      },
      functions: [],
    });
  await register('iot:Publish');
  const { outputs, warnings } = await register('iot:Connect');
  const policyName = 'sample-device';
  const { policyDocument, policyArn } = await iot.send(new GetPolicyCommand({ policyName }));
  expect(warnings).toEqual([]);
  expect(outputs.Policy).toBe(policyArn);
  expect(JSON.parse(policyDocument ?? '').Statement).toEqual({
    Effect: 'Allow',
    Action: 'iot:Connect',
    Resource: `arn:aws:iot:us-east-1:*:client/\${iot:ClientId}`,
  });
});

it('names the endpoint of devices, and what is not offered', async () => {
  const { endpointAddress } = await iot.send(
    new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }),
  );
  expect(endpointAddress).toBe('localhost');
  await expect(iot.send(new CreateThingGroupCommand({ thingGroupName: 'a' }))).rejects.toThrow(
    /\/thing-groups\/a is not offered/,
  );
});

it('keeps things, certificates, policies and what is attached over a restart', async () => {
  const { certificateArn: principal = '', certificateId } = await iot.send(
    new CreateKeysAndCertificateCommand({ setAsActive: true }),
  );
  await iot.send(new CreateThingCommand({ thingName: 'a' }));
  await iot.send(new AttachThingPrincipalCommand({ thingName: 'a', principal }));
  await iot.send(new CreatePolicyCommand({ policyName: 'p', policyDocument: everything }));
  await iot.send(new AttachPolicyCommand({ policyName: 'p', target: principal }));
  const stateDir = fixture.cloud.state.dir;
  await fixture.cloud.close();
  const cloud = await startCloud({ stateDir, edgePort: 0, mqttPort: 0 });
  try {
    const again = new IoTClient(clientSettings(cloud.edgeUrl));
    expect((await again.send(new ListPrincipalThingsCommand({ principal }))).things).toEqual(['a']);
    const { policies } = await again.send(new ListAttachedPoliciesCommand({ target: principal }));
    expect(policies?.map((one) => one.policyName)).toEqual(['p']);
    const { certificateDescription } = await again.send(
      new DescribeCertificateCommand({ certificateId }),
    );
    expect(certificateDescription?.status).toBe('ACTIVE');
  } finally {
    await cloud.close();
  }
});
