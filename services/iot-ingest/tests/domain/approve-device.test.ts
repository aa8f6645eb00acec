import { claimCodeDigest } from '@millrace/middleware';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approveDevice, type ClaimedDevice } from '../../src/domain/provisioning/approve-device.ts';
import { leasedQuotas } from '../../src/domain/quota/device-quotas.ts';
import { memoryCertificates, memoryClaimStore } from '../model/memory-claims.ts';
import { memoryQuotaCounter } from '../model/memory-quota-counter.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const OPEN = { openedAt: '2026-11-30T11:00:00.000Z', requestKey: 'k' };
const pump: ClaimedDevice = { deviceId: 'pump-1', status: 'active', claim: OPEN };

function scenario(device: ClaimedDevice | undefined = pump) {
  const claims = memoryClaimStore();
  const certificates = memoryCertificates();
  const kept: string[] = [];
  const ports = {
    ...{ claims, certificates, quotas: leasedQuotas(memoryQuotaCounter()) },
    refused: {
      async keepOnce(_request: unknown, { code }: { code: string }) {
        kept.push(code);
      },
    },
  };
  if (device) claims.put(device);
  const ask = (certificateId: string, more = {}, through = ports) => {
    certificates.handedOut.add(certificateId);
    const request = {
      ...{ serialNumber: 'pump-1', claimCode: undefined, clientId: 'claim-1' },
      ...{ certificateId, certificateArn: `arn:cert/${certificateId}`, claimCertificateId: 'c' },
    };
    return approveDevice({ ...request, ...more }, NOW, through);
  };
  const idsOf = async () =>
    (await claims.find('pump-1'))?.credentials?.map(({ certificateId }) => certificateId);
  return { claims, certificates, kept, ports, ask, idsOf };
}

describe('a device whose claim is open', () => {
  it('is given a certificate that its registration knows before it can be used', async () => {
    const { ask, claims } = scenario();
    expect(await ask('a')).toBe('approved');
    expect(await claims.find('pump-1')).toEqual({
      ...pump,
      revision: 1,
      claim: { ...OPEN, certificateId: 'a', claimedAt: '2026-11-30T12:00:00.000Z' },
      credentials: [
        { certificateId: 'a', certificateArn: 'arn:cert/a', createdAt: '2026-11-30T12:00:00.000Z' },
      ],
    });
  });

  it('may ask again with the same certificate, also when that is in use', async () => {
    const { ask, certificates, idsOf } = scenario();
    await ask('a');
    expect(await ask('a')).toBe('approved');
    certificates.active.add('a');
    expect(await ask('a')).toBe('approved');
    expect(await idsOf()).toEqual(['a']);
  });

  it('may ask with another as long as the one before never came into use, which it then cannot', async () => {
    const { ask, certificates, idsOf, kept } = scenario();
    await ask('a');
    expect(await ask('b')).toBe('approved');
    expect([...certificates.handedOut]).toEqual(['b']);
    certificates.active.add('b');
    expect(await ask('c')).toBe('refused');
    expect([await idsOf(), kept]).toEqual([['b'], ['claim_used']]);
  });

  it('keeps the certificates that it has', async () => {
    const before = { certificateId: 'old', certificateArn: 'arn:cert/old', createdAt: 'then' };
    const { ask, idsOf } = scenario({ ...pump, credentials: [before] });
    await ask('a');
    await ask('b');
    expect(await idsOf()).toEqual(['old', 'b']);
  });

  it('is not given again what was taken away from it', async () => {
    const { ask, claims, kept } = scenario();
    await ask('a');
    const device = await claims.find('pump-1');
    if (device) claims.put({ ...device, credentials: [] });
    expect([await ask('a'), kept]).toEqual(['refused', ['claim_used']]);
  });
});

describe('a device is refused, and why is kept', () => {
  const used = { ...OPEN, codeDigest: claimCodeDigest('pump-1', 'open sesame') };
  it.each<[string, ClaimedDevice | undefined, object]>([
    ['serial_number_invalid', pump, { serialNumber: undefined }],
    ['serial_number_invalid', pump, { serialNumber: 'a/b' }],
    ['claim_unknown', pump, { serialNumber: 'pump-2' }],
    ['claim_unknown', { deviceId: 'pump-1', status: 'active' }, {}],
    ['claim_unknown', { ...pump, deletedAt: 'now' }, {}],
    ['claimed_device_disabled', { ...pump, status: 'disabled' }, {}],
    ['claim_code_wrong', { ...pump, claim: used }, {}],
    ['claim_code_wrong', { ...pump, claim: used }, { claimCode: 'open barley' }],
  ])('%s', async (code, device, more) => {
    const { ask, kept, idsOf } = scenario(device);
    expect(await ask('a', more)).toBe('refused');
    expect([kept, await idsOf()]).toEqual([[code], undefined]);
  });

  it('unless it says the code', async () => {
    expect(await scenario({ ...pump, claim: used }).ask('a', { claimCode: 'open sesame' })).toBe(
      'approved',
    );
  });

  it('up to a quota of the certificate of the claim', async () => {
    const { ask, kept } = scenario();
    const answers = new Set<string>();
    for (let n = 0; n < 300; n += 1) answers.add(await ask('a', { serialNumber: `guess-${n}` }));
    expect([...answers]).toEqual(['refused', 'over_quota']);
    expect(kept).toHaveLength(240);
  });
});

it('of devices with one serial number, that ask and die at any moment, one comes into use at most', async () => {
  const steps = fc.array(
    fc.record({ who: fc.nat(2), dies: fc.option(fc.nat(3)), activates: fc.boolean() }),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const { ask, ports, certificates, claims, idsOf } = scenario();
      let left = Number.POSITIVE_INFINITY;
      const dying = <A extends unknown[], R>(call: (...given: A) => Promise<R>) => {
        return async (...given: A): Promise<R> => {
          if (left === 0) throw new Error('died');
          left -= 1;
          const answer = await call(...given);
          if (left === 0) throw new Error('died');
          return answer;
        };
      };
      const through = {
        ...ports,
        claims: { ...claims, find: dying(claims.find), use: dying(claims.use) },
        certificates: { ...certificates, removeUnused: dying(certificates.removeUnused) },
      };
      for (const [index, { who, dies, activates }] of list.entries()) {
        left = dies ?? Number.POSITIVE_INFINITY;
        const id = `${who}-${index}`;
        const answer = await ask(id, {}, through).catch(() => 'died');
        // The template, which finds the certificate or fails.
        const isThere = certificates.handedOut.has(id);
        if (answer === 'approved' && activates && isThere) certificates.active.add(id);
      }
      expect(certificates.active.size).toBeLessThanOrEqual(1);
      for (const id of certificates.active) expect(await idsOf()).toContain(id);
      // And nobody is shut out by what died: as long as none is in use, the next may have it.
      if (certificates.active.size === 0) expect(await ask('next')).toBe('approved');
    }),
    { numRuns: 200 },
  );
});
