import { describe, expect, it } from 'vitest';
import {
  anonymous,
  maskMember,
  maskQuery,
  maskText,
  maskUrl,
} from '../../../src/domain/processors/log/privacy.ts';

describe('an address', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
    ['2001:db8::1', '2001:db8:0::'],
    ['::1', '0:0:0::'],
    ['fe80::1%eth0', 'fe80:0:0::'],
    ['::ffff:203.0.113.77', '::ffff:203.0.113.0'],
    ['dialup-7.isp.example', null],
    ['1'.repeat(1000), null],
  ])('%s becomes %s', (address, network) => {
    expect(anonymous.address(address)).toBe(network);
  });

  it.each(['10.1.2.3', '172.31.255.1', '192.168.7.7', '100.64.1.1', 'fd00::7'])(
    '%s of a machine stays whole',
    (address) => expect(anonymous.machineAddress(address)).toBe(address),
  );

  it.each(['172.32.1.1', '100.128.1.1', '11.1.1.1'])('%s is of no private network', (address) =>
    expect(anonymous.machineAddress(address)).toMatch(/\.0$/),
  );

  it('is found in any text', () => {
    const text = '"203.0.113.9, 2001:db8::1" client=198.51.100.7:443 12:30 0.25';
    const expected = '"203.0.113.0, 2001:db8:0::" client=198.51.100.0:443 12:30 0.25';
    expect(anonymous.addresses(text)).toBe(expected);
  });
});

describe('a secret', () => {
  it.each([
    ['a=1&token=abc&b=2', 'a=1&token=***&b=2'],
    ['Access-Token=a,b;x=1', 'Access-Token=***;x=1'],
    ['X-Amz-Signature=f00&X-Amz-Date=2026', 'X-Amz-Signature=***&X-Amz-Date=2026'],
    ['%70assword=p', '%70assword=***'],
    ['key=a=b=c', 'key=***'],
    ['a=token=abc', 'a=token=***'],
    ['user_email=a%40b.kr', 'user_email=***'],
    ['key', 'key'],
    ['monkey=1&keyboard=2&page=3', 'monkey=1&keyboard=2&page=3'],
    ['', ''],
  ])('of the query %s is not in %s', (query, masked) => {
    expect(maskQuery(query)).toBe(masked);
  });

  it('of a URL is masked behind ? and # and before the host', () => {
    const url = 'https://ann:pw@example.com/a?sig=1#id_token=2&b=3';
    expect(maskUrl(url)).toBe('https://***@example.com/a?sig=***#id_token=***&b=3');
    expect(maskUrl('/mail?to=a@b.kr')).toBe('/mail?to=a@b.kr');
  });

  it('of a message ends with its word', () => {
    expect(maskText('login with password=abc def, otp="1", ok=1')).toBe(
      'login with password=*** def, otp=***"1", ok=1',
    );
  });

  it('of an object is masked by its name, at any depth', () => {
    const object = { token: 'a', deep: [{ api_key: 5, page: 1 }], secret: null };
    expect(JSON.stringify(object, maskMember)).toBe(
      '{"token":"***","deep":[{"api_key":"***","page":1}],"secret":null}',
    );
  });
});
