import { X509Certificate } from 'node:crypto';
import {
  CreatePolicyCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListThingPrincipalsCommand,
} from '@aws-sdk/client-iot';
import { testStack } from '@millrace/local-cloud/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Caller, callerWith } from '../support/http-client.ts';
import { usersOf } from '../support/users.ts';

const stack = testStack('iot-ingest', 'api');
const users = usersOf(stack);
const iot = stack.client(IoTClient);
let acme: Caller;
let other: Caller;

beforeAll(async () => {
  await iot.send(new CreatePolicyCommand(POLICY)).catch((error: Error) => {
    // It is there where the stack makes policies.
    if (error.name !== 'ResourceAlreadyExistsException') throw error;
  });
  acme = callerWith(stack.apiUrl, (await users.signIn('jane@example.com', 'acme')).idToken);
  other = callerWith(stack.apiUrl, (await users.signIn('joe@example.com')).idToken);
});

const Statement = [{ Effect: 'Allow', Action: 'iot:Connect', Resource: '*' }];
const POLICY = {
  policyName: 'millrace-local-device',
  policyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
};
const codeOf = (answer: Answer) => `${answer.status} ${answer.at('code')}`;
const register = (deviceId: string) => acme('POST', '/v1/devices', { body: { deviceId } });
const issue = (deviceId: string, key: string, body: unknown = {}, caller = acme) =>
  caller('POST', `/v1/devices/${deviceId}/credentials`, {
    body,
    headers: { 'idempotency-key': key },
  });
const statusOf = async (certificateId: unknown) =>
  (await iot.send(new DescribeCertificateCommand({ certificateId: String(certificateId) })))
    .certificateDescription?.status;

describe('a device', () => {
  it('is given a certificate of AWS IoT with the policy of devices, once per key', async () => {
    await register('boiler-1');
    const issued = await issue('boiler-1', 'k1');
    expect(issued.status).toBe(201);
    expect(issued.headers.get('cache-control')).toBe('no-store');
    const certificate = new X509Certificate(String(issued.at('certificatePem')));
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
    expect(issued.at('privateKey')).toMatch(/^-----BEGIN (RSA |EC )?PRIVATE KEY-----/);
    const { principals = [] } = await iot.send(
      new ListThingPrincipalsCommand({ thingName: 'boiler-1' }),
    );
    expect(principals).toEqual([expect.stringContaining(String(issued.at('certificateId')))]);
    const { policies } = await iot.send(new ListAttachedPoliciesCommand({ target: principals[0] }));
    expect(policies?.map(({ policyName }) => policyName)).toEqual(['millrace-local-device']);
    expect(await statusOf(issued.at('certificateId'))).toBe('ACTIVE');
    expect(codeOf(await issue('boiler-1', 'k1'))).toBe('409 credentials_already_issued');
    expect(codeOf(await issue('boiler-1', 'k2', {}, other))).toBe('404 device_not_found');
    const shown = await acme('GET', '/v1/devices/boiler-1');
    expect(shown.at('credentials', 0, 'certificateId')).toBe(issued.at('certificateId'));
    expect(shown.text).not.toContain('PRIVATE KEY');
  });

  it('that is disabled has inactive certificates, and active ones again when it is enabled', async () => {
    await register('boiler-2');
    const id = (await issue('boiler-2', 'k1')).at('certificateId');
    const disabled = await acme('POST', '/v1/devices/boiler-2/disable');
    expect([disabled.status, disabled.at('status')]).toEqual([200, 'disabled']);
    expect(await statusOf(id)).toBe('INACTIVE');
    expect((await acme('POST', '/v1/devices/boiler-2/enable')).at('status')).toBe('active');
    expect(await statusOf(id)).toBe('ACTIVE');
    expect(codeOf(await other('POST', '/v1/devices/boiler-2/disable'))).toBe(
      '404 device_not_found',
    );
  });

  it('loses its old certificate at once where the caller wants no grace', async () => {
    await register('boiler-3');
    const old = (await issue('boiler-3', 'k1')).at('certificateId');
    const renewed = await issue('boiler-3', 'k2', { graceSeconds: 0 });
    expect(renewed.status).toBe(201);
    await expect(statusOf(old)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await statusOf(renewed.at('certificateId'))).toBe('ACTIVE');
  });

  it('that is deleted leaves neither thing nor certificate, and its id can be taken', async () => {
    await register('boiler-4');
    const id = (await issue('boiler-4', 'k1')).at('certificateId');
    expect((await acme('DELETE', '/v1/devices/boiler-4')).status).toBe(204);
    expect(codeOf(await acme('GET', '/v1/devices/boiler-4'))).toBe('404 device_not_found');
    await expect(statusOf(id)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(
      iot.send(new DescribeThingCommand({ thingName: 'boiler-4' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const taken = await other('POST', '/v1/devices', { body: { deviceId: 'boiler-4' } });
    expect(taken.status).toBe(201);
  });

  it('has another name and quota when it is changed, and the default again', async () => {
    await register('boiler-5');
    const change = (body: unknown) => acme('PATCH', '/v1/devices/boiler-5', { body });
    const quota = { perMinute: 5, burst: 9 };
    const changed = await change({ name: 'Boiler', quota });
    expect([changed.at('name'), changed.at('quota')]).toEqual(['Boiler', quota]);
    const reset = await change({ quota: null });
    expect([reset.at('name'), reset.at('quota', 'perMinute')]).toEqual(['Boiler', 120]);
    expect(codeOf(await change({ quota: { perMinute: -1, burst: 1 } }))).toBe(
      '400 invalid_request',
    );
  });
});
