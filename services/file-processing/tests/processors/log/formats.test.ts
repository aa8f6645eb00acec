import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alb } from '../../../src/domain/processors/log/formats/alb.ts';
import { cloudfront } from '../../../src/domain/processors/log/formats/cloudfront.ts';
import { combined } from '../../../src/domain/processors/log/formats/combined.ts';
import type { LogFormat } from '../../../src/domain/processors/log/formats/format.ts';
import { jsonLines } from '../../../src/domain/processors/log/formats/json-lines.ts';
import { vpcFlow } from '../../../src/domain/processors/log/formats/vpc-flow.ts';
import { anonymous, asLogged } from '../../../src/domain/processors/log/privacy.ts';
import { ALB, CLOUDFRONT, COMBINED, JSON_LINES, VPC_FLOW, VPC_FLOW_CUSTOM } from './lines.ts';

/** Rows of what has a value, times in ISO 8601, whole numbers as numbers. */
function rows(format: LogFormat, lines: readonly string[], privacy = asLogged) {
  const read = format.reader(privacy);
  return lines.map((line) => {
    const found = read(line);
    if (found === undefined || found === 'header') return found ?? 'unknown';
    expect(found.cells).toHaveLength(format.columns.length);
    const cells = format.columns.map(({ name }, index) => [name, found.cells[index]] as const);
    return Object.fromEntries(
      cells
        .filter(([, cell]) => cell !== null)
        .map(([name, cell]) => [
          name,
          cell instanceof Date
            ? cell.toISOString()
            : typeof cell === 'bigint'
              ? Number(cell)
              : cell,
        ]),
    );
  });
}

describe('combined', () => {
  it('gives rows of Apache and nginx, with what own formats add behind', () => {
    expect(rows(combined, COMBINED)).toEqual([
      {
        time: '2000-10-10T20:55:36.000Z',
        client: '203.0.113.9',
        user: 'frank',
        ...{ method: 'GET', path: '/apache_pb.gif', protocol: 'HTTP/1.0' },
        ...{ status: 200, bytes: 2326, referer: 'http://www.example.com/start.html' },
        user_agent: 'Mozilla/4.08 [en] (Win98; I ;Nav)',
      },
      {
        time: '2000-10-10T20:55:37.000Z',
        client: '203.0.113.9',
        ...{ method: 'GET', path: '/search', protocol: 'HTTP/1.1', status: 404 },
        query: 'q=%EA%B2%B0%EC%A0%9C&access_token=***',
      },
      {
        time: '2024-02-29T15:00:00.000Z',
        client: '2001:db8:1:2:3:4:5:6',
        user: 'Ann Lee',
        ...{ method: 'POST', path: '/a "b"', protocol: 'HTTP/1.1', status: 503, bytes: 0 },
        more: '"198.51.100.77" 0.012',
      },
      {
        time: '2026-11-24T08:00:00.000Z',
        client: '198.51.100.20',
        ...{ malformed_request: '\x16\x03\x01', status: 400, bytes: 150, user_agent: '결' },
      },
    ]);
  });

  it('tells nobody apart where it is not to', () => {
    const [frank, , ann] = rows(combined, COMBINED, anonymous);
    expect(frank).toMatchObject({ client: '203.0.113.0' });
    expect(frank).not.toHaveProperty('user');
    expect(ann).toMatchObject({ client: '2001:db8:1::', more: '"198.51.100.0" 0.012' });
    expect(ann).not.toHaveProperty('user');
  });

  const START = '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700]';
  it.each([
    '',
    '-',
    'any words at all',
    `${START} "GET / HTTP/1.1" 200`,
    `${START} "GET / HTTP/1.1" 2000 1`,
    `${START} "GET / HTTP/1.1" 200 1x`,
    `${START} "GET / HTTP/1.1" 200 1 "open`,
    `${START} "GET / HTTP/1.1" 200 1 "a" "b"c`,
    `${START} "GET / HTTP/1.1" 200 99999999999999999999`,
    `${START}x"GET / HTTP/1.1" 200 1`,
    '192.0.2.1 - - [31/Feb/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1',
    '192.0.2.1 - - [10/Foo/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1',
    '192.0.2.1 - - [10/Oct/2000:24:55:36 -0700] "GET / HTTP/1.1" 200 1',
    '192.0.2.1 - - [10/Oct/2000:13:55:36 0700] "GET / HTTP/1.1" 200 1',
    '192.0.2.1 - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1',
  ])('does not know %j', (line) => {
    expect(rows(combined, [line])).toEqual(['unknown']);
  });

  it('gives back any path, referer and agent that Apache escaped', () => {
    // What mod_log_config does: quotes, backslashes, controls, and all bytes above ASCII.
    const escaped = (text: string) =>
      [...Buffer.from(text)]
        .map((byte) => {
          if (byte === 34 || byte === 92) return `\\${String.fromCharCode(byte)}`;
          if (byte === 10) return '\\n';
          return byte < 32 || byte > 126
            ? `\\x${byte.toString(16).padStart(2, '0')}`
            : String.fromCharCode(byte);
        })
        .join('');
    const text = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((value) => value !== '-' && value.isWellFormed() && !/[=?#@]/.test(value));
    const entry = fc.record({
      path: text.map((path) => `/${path.replaceAll(' ', '')}`),
      referer: text,
      agent: text,
      status: fc.integer({ min: 100, max: 999 }),
      bytes: fc.nat(),
      at: fc.integer({ min: 0, max: 4e9 }),
    });
    fc.assert(
      fc.property(entry, ({ path, referer, agent, status, bytes, at }) => {
        const time = new Date(at * 1000);
        const [, day, month, year, clock] =
          /(\d\d) (\w{3}) (\d{4}) ([\d:]{8})/.exec(time.toUTCString()) ?? [];
        const line = `192.0.2.1 - - [${day}/${month}/${year}:${clock} +0000] "GET ${escaped(path)} HTTP/1.1" ${status} ${bytes} "${escaped(referer)}" "${escaped(agent)}"`;
        expect(rows(combined, [line])).toEqual([
          {
            time: time.toISOString(),
            client: '192.0.2.1',
            ...{ method: 'GET', path, protocol: 'HTTP/1.1' },
            ...{ status, bytes, referer, user_agent: agent },
          },
        ]);
      }),
    );
  });
});

describe('alb', () => {
  it('gives rows, of requests that reached no target as well', () => {
    expect(rows(alb, ALB, anonymous)).toEqual([
      {
        time: '2018-07-02T22:23:00.186Z',
        ...{ type: 'http', load_balancer: 'app/my-loadbalancer/50dc6c495c0c9188' },
        ...{ client: '192.0.2.0', target: '10.0.0.1:80' },
        ...{ request_seconds: 0, target_seconds: 0.001, response_seconds: 0 },
        ...{ status: 200, target_status: 200, received_bytes: 34, sent_bytes: 366 },
        ...{ method: 'GET', path: '/items', query: 'token=***&page=2', protocol: 'HTTP/1.1' },
        user_agent: 'curl/7.46.0',
        target_group:
          'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067',
        trace_id: 'Root=1-58337262-36d228ad5d99923122bbe354',
        ...{ rule_priority: '0', received_at: '2018-07-02T22:22:48.364Z', actions: 'forward' },
        connection_trace_id: 'TID_1234abcd',
      },
      {
        time: '2018-07-02T22:23:01.186Z',
        ...{ type: 'https', load_balancer: 'app/my-loadbalancer/50dc6c495c0c9188' },
        ...{ client: '2001:db8:aa::', status: 502, received_bytes: 34, sent_bytes: 366 },
        ...{ tls_cipher: 'ECDHE-RSA-AES128-GCM-SHA256', tls_protocol: 'TLSv1.2' },
        trace_id: 'Root=1-58337281-1d84f3d73c47ec4e58577259',
      },
    ]);
  });

  it('knows fields that AWS will add, and no line that is cut', () => {
    const [line = ''] = ALB;
    expect(rows(alb, [`${line} "new field" -`])).toEqual(rows(alb, [line]));
    for (const end of [0, 4, 50, 120, line.indexOf('"Root'), line.indexOf('"Root') + 9]) {
      expect(rows(alb, [line.slice(0, end)])).toEqual(['unknown']);
    }
  });
});

describe('cloudfront', () => {
  it('gives rows by the fields that the header names, without cookies', () => {
    const [version, fields, first, gone] = rows(cloudfront, CLOUDFRONT, anonymous);
    expect([version, fields]).toEqual(['header', 'header']);
    expect(first).toEqual({
      time: '2026-11-24T08:00:00.000Z',
      ...{ edge_location: 'ICN54-C1', sent_bytes: 1045, client: '192.0.2.0', method: 'GET' },
      distribution_host: 'd111111abcdef8.cloudfront.net',
      ...{ path: '/index.html', query: 'sig=***&w=640', status: 200, seconds: 0.002 },
      ...{ referer: 'https://example.com/?email=***', user_agent: 'Mozilla/5.0 (Linux)' },
      more: '{"fle-status":"Processed"}',
    });
    expect(gone).toMatchObject({ status: 0, client: '2001:db8:85a3::', seconds: 1.5 });
    expect(gone).not.toHaveProperty('more');
  });

  it('does not know a line of other fields than the header names, nor any before it', () => {
    const [, fields = '', first = ''] = CLOUDFRONT;
    expect(rows(cloudfront, [first])).toEqual(['unknown']);
    expect(rows(cloudfront, [fields, `${first}\t-`, first.replace('1045', 'many')])).toEqual([
      'header',
      'unknown',
      'unknown',
    ]);
  });
});

describe('vpc-flow', () => {
  it('gives rows of the default format, and tells nobody but machines apart', () => {
    const [accepted, rejected, none, skipped] = rows(vpcFlow, VPC_FLOW, anonymous);
    expect(accepted).toEqual({
      ...{ version: 2, account_id: '123456789010', interface_id: 'eni-1235b8ca123456789' },
      ...{ srcaddr: '172.31.16.139', dstaddr: '203.0.113.0', srcport: 20641, dstport: 22 },
      ...{ protocol: 6, packets: 20, bytes: 4249, action: 'ACCEPT', log_status: 'OK' },
      ...{ start: '2014-12-14T04:06:50.000Z', end: '2014-12-14T04:07:50.000Z' },
    });
    expect(rejected).toMatchObject({ srcaddr: '203.0.113.0', action: 'REJECT' });
    expect(none).toMatchObject({ log_status: 'NODATA' });
    expect(skipped).toMatchObject({ log_status: 'SKIPDATA' });
  });

  it('gives rows of a custom format by its header', () => {
    expect(rows(vpcFlow, VPC_FLOW_CUSTOM, anonymous)).toEqual([
      'header',
      {
        ...{ version: 5, vpc_id: 'vpc-abcdefab012345678', srcaddr: '10.0.1.5', tcp_flags: 19 },
        ...{ pkt_srcaddr: '2001:db8:7::', start: '2019-08-26T19:47:55.000Z' },
        ...{ flow_direction: 'ingress', more: '{"ecs-cluster-name":"shop"}' },
      },
    ]);
  });

  it('does not know a record with words for numbers', () => {
    const [line = ''] = VPC_FLOW;
    for (const wrong of [line.replace(' 22 ', ' ssh '), line.replace('ACCEPT', 'MAYBE')]) {
      expect(rows(vpcFlow, [wrong])).toEqual(['unknown']);
    }
  });
});

describe('json-lines', () => {
  it('gives rows of what loggers write, without secrets', () => {
    expect(rows(jsonLines, JSON_LINES)).toEqual([
      {
        time: '2025-11-24T16:00:00.123Z',
        ...{ level: 'info', message: 'started, password=*** was given', more: '{"pid":7}' },
      },
      {
        time: '2026-11-23T23:00:00.500Z',
        ...{ level: 'error', message: '결제 failed', more: '{"order":{"token":"***","id":5}}' },
      },
      {
        time: '2026-11-24T08:00:00.000Z',
        ...{ method: 'GET', path: '/a', query: 'key=***&b=2', status: 404 },
      },
    ]);
  });

  it.each([
    '{"time":"2026-11-24T08:00:00Z","value":3}',
    '{"time":"2026-11-24T08:00:00Z","status":"paid","amount":3}',
    '{"level":"info","message":"at no time"}',
    '{"level":"info","time":"yesterday"}',
    '[1,2]',
    '{"level":"info","time":1764000000123',
    'null',
    `{"level":"info","time":1764000000123,"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
  ])('does not know line %#', (line) => {
    expect(rows(jsonLines, [line])).toEqual(['unknown']);
  });

  it('tells seconds, milliseconds, microseconds and nanoseconds apart', () => {
    for (const time of [
      '1764000000.123',
      '1764000000123',
      '1764000000123456',
      '1764000000123000064',
    ]) {
      const [row] = rows(jsonLines, [`{"level":"info","ts":${time}}`]);
      expect(row).toMatchObject({ time: '2025-11-24T16:00:00.123Z' });
    }
  });

  it('keeps every digit of a number', () => {
    const [row] = rows(jsonLines, [
      '{"level":"info","ts":1764000000123,"id":12345678901234567891}',
    ]);
    expect(row).toMatchObject({ more: '{"id":12345678901234567891}' });
  });
});

const FORMATS = [combined, alb, cloudfront, vpcFlow, jsonLines];
const SOME_LINES = [COMBINED, ALB, CLOUDFRONT, VPC_FLOW, VPC_FLOW_CUSTOM, JSON_LINES].flat();

describe.each(FORMATS)('$name', (format) => {
  it('answers any line without an error', () => {
    const damaged = fc
      .tuple(fc.constantFrom(...SOME_LINES), fc.nat(), fc.nat(300), fc.string({ unit: 'binary' }))
      .map(([line, at, length, put]) => {
        const from = at % (line.length + 1);
        return line.slice(0, from) + put + line.slice(from + length);
      });
    const read = format.reader(anonymous);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), damaged), (line) => {
        const found = read(line);
        if (found === undefined || found === 'header') return;
        expect(found.cells).toHaveLength(format.columns.length);
        for (const cell of found.cells) {
          expect(cell instanceof Date && Number.isNaN(cell.getTime())).toBe(false);
          expect(cell).not.toBeNaN();
          expect(cell).not.toBeUndefined();
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('answers a line of a million characters in its time', () => {
    const read = format.reader(anonymous);
    const start = process.cpuUsage();
    for (const part of [
      'a',
      '=',
      'a=',
      '\\',
      '\\"',
      '"',
      ' ',
      '\t',
      '%',
      '?',
      '[',
      '{"a":',
      ':',
      '1.',
    ]) {
      const long = part.repeat(1_000_000 / part.length);
      for (const line of SOME_LINES) {
        const half = line.length >> 1;
        read(line.slice(0, half) + long + line.slice(half));
      }
    }
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(30_000);
  });
});
