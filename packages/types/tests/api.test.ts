import { describe, expect, test } from 'vitest';
import {
  DeviceRequest,
  describeViolations,
  EventBatch,
  MetricQuery,
  OrderRequest,
  Rejection,
  ROUTES,
  TelemetryMessage,
  topics,
  UploadCompletion,
  UploadRequest,
  validate,
} from '../src/index.ts';

const upload = { fileName: '사진 #1 (50%)+.jpg', contentType: 'image/jpeg', size: 1 };
const order = {
  customerId: 'c',
  currency: 'KRW',
  lines: [{ sku: 's', quantity: 1, unitPrice: 0 }],
};
const query = { from: '2026-11-23T09:00:00Z', to: '2026-11-23T10:00:00Z' };
const reading = { time: '2026-11-23T09:41:00Z', metrics: { rpm: 1 } };

describe('accepts', () => {
  test.each([
    ['an upload', UploadRequest, upload],
    ['an upload of 5 TiB', UploadRequest, { ...upload, size: 5 * 1024 ** 4 }],
    ['a completion of a single upload', UploadCompletion, {}],
    ['a completion in parts', UploadCompletion, { parts: [{ partNumber: 10_000, eTag: 'e' }] }],
    ['an order', OrderRequest, order],
    ['a batch of 500', EventBatch, Array(500).fill({})],
    ['a device', DeviceRequest, { deviceId: 'wheel-1', name: '물레방아' }],
    ['a metric query', MetricQuery, query],
    ['a reading', TelemetryMessage, reading],
    ['a rejection', Rejection, { code: 'not_json', message: 'It is no JSON.' }],
  ])('%s', (_name, schema, input) => {
    expect(validate(schema, input)).toMatchObject({ ok: true });
  });
});

describe('refuses', () => {
  test.each([
    ['a path as a file name', UploadRequest, { ...upload, fileName: '../x' }, '/fileName'],
    ['a backslash in it', UploadRequest, { ...upload, fileName: 'a\\b' }, '/fileName'],
    ['a NUL in it', UploadRequest, { ...upload, fileName: 'a\u0000b' }, '/fileName'],
    ['an empty file', UploadRequest, { ...upload, size: 0 }, '/size'],
    ['more than 5 TiB', UploadRequest, { ...upload, size: 5 * 1024 ** 4 + 1 }, '/size'],
    ['no media type', UploadRequest, { ...upload, contentType: 'jpeg' }, '/contentType'],
    [
      'a part 0',
      UploadCompletion,
      { parts: [{ partNumber: 0, eTag: 'e' }] },
      '/parts/0/partNumber',
    ],
    ['an order of nothing', OrderRequest, { ...order, lines: [] }, '/lines'],
    ['an empty batch', EventBatch, [], '/'],
    ['a batch of 501', EventBatch, Array(501).fill({}), '/'],
    ['a device id with a slash', DeviceRequest, { deviceId: 'a/b' }, '/deviceId'],
    ['another interval', MetricQuery, { ...query, interval: '5m' }, '/interval'],
    ['a reading without a time', TelemetryMessage, { metrics: {} }, '/time'],
  ])('%s', (_name, schema, input, path) => {
    const validated = validate(schema, input);
    expect(validated.ok ? [] : validated.violations.map((violation) => violation.path)).toEqual([
      path,
    ]);
  });
});

test('a violation says where and what, without the value', () => {
  const validated = validate(OrderRequest, { ...order, currency: 'name@example.com' });
  if (validated.ok) throw new TypeError('It must be refused.');
  expect(describeViolations(validated.violations)).toBe(
    '/currency must be an ISO 4217 code like EUR',
  );
});

test('each operation and each path is there once', () => {
  const operations = ROUTES.map(({ operationId }) => operationId);
  const paths = ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(operations).size).toBe(operations.length);
  expect(new Set(paths).size).toBe(paths.length);
});

test('only health needs no token', () => {
  expect(ROUTES.filter(({ authenticated }) => !authenticated).map(({ path }) => path)).toEqual([
    '/health',
  ]);
});

test('topics are those that devices know', () => {
  expect(topics.telemetry('wheel-1')).toBe('devices/wheel-1/telemetry');
  expect(topics.telemetryRejected('wheel-1')).toBe('devices/wheel-1/telemetry/rejected');
});
