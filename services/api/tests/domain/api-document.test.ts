import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEMS, ROUTES } from '@millrace/types';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { apiDocument } from '../../src/domain/api-document.ts';

type Json = Record<string, unknown>;
const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const record = (value: unknown): Json => {
  if (!isRecord(value)) throw new Error(`not an object: ${JSON.stringify(value)}`);
  return value;
};

const document = record(JSON.parse(JSON.stringify(apiDocument('https://issuer.example/pool'))));
const paths = record(document.paths);
const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(record(item)).map(
    ([method, operation]) =>
      ({ path, method, ...record(operation) }) as Json & { path: string; method: string },
  ),
);

function* walk(value: unknown): Generator<Json> {
  if (Array.isArray(value)) for (const entry of value) yield* walk(entry);
  if (!isRecord(value)) return;
  yield value;
  for (const entry of Object.values(value)) yield* walk(entry);
}

describe('the OpenAPI document', () => {
  it('is of version 3.1 with what it must have', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
  });
  it('refers only to what is in it', () => {
    for (const { $ref } of walk(document)) {
      if ($ref === undefined) continue;
      const found = String($ref)
        .replace(/^#\//, '')
        .split('/')
        .reduce<unknown>((at, part) => record(at)[part], document);
      expect(found, String($ref)).toBeDefined();
    }
  });
  it('has an operation for each of the contract, with unique ids', () => {
    const ids = operations.map(({ operationId }) => String(operationId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !id.endsWith('AtRoot')).sort()).toEqual(
      ROUTES.map(({ operationId }) => operationId).sort(),
    );
  });
  it('declares every path parameter exactly', () => {
    for (const { path, parameters = [] } of operations) {
      const declared = (parameters as Json[]).filter((one) => one.in === 'path');
      expect(declared.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(declared.every(({ required }) => required === true)).toBe(true);
    }
  });
  it('says of every parameter, body and answer what it is', () => {
    for (const { parameters = [], requestBody, responses, operationId } of operations) {
      for (const parameter of parameters as Json[])
        expect(
          record(parameter.schema).type ?? record(parameter.schema).enum,
          String(parameter.name),
        ).toBeDefined();
      const bodies = [
        ...(requestBody === undefined ? [] : [record(requestBody)]),
        ...Object.values(record(responses)).map(record),
      ];
      for (const { content = {}, description } of bodies) {
        expect(description).toEqual(expect.any(String));
        for (const media of Object.values(record(content)))
          expect(record(media).schema, String(operationId)).toBeDefined();
      }
    }
  });
  it('needs the ID token for all but health, and tells of its refusal', () => {
    for (const { path, security, responses } of operations) {
      const isOpen = path.endsWith('/health');
      expect(security).toEqual(isOpen ? [] : [{ idToken: [] }]);
      expect('401' in record(responses)).toBe(!isOpen);
    }
    expect(JSON.stringify(record(document.components).securitySchemes)).toContain(
      'https://issuer.example/pool',
    );
  });
  it('asks for the Idempotency-Key where the contract does', () => {
    for (const route of ROUTES) {
      const operation = record(record(paths[`/v1${route.path}`])[route.method.toLowerCase()]);
      const key = ((operation.parameters ?? []) as Json[]).find(
        ({ name }) => name === 'Idempotency-Key',
      );
      const asked = 'idempotencyKey' in route ? route.idempotencyKey : undefined;
      expect(key?.required).toBe(asked === undefined ? undefined : asked === 'required');
    }
  });
  it('describes the events that a batch may hold', () => {
    const schemas = record(record(document.components).schemas);
    expect(record(schemas.EventBatch).items).toEqual({
      $ref: '#/components/schemas/MillraceEvent',
    });
    expect(JSON.stringify(schemas.MillraceEvent)).toContain('millrace.telemetry.v1');
  });
});

describe('serverless.yml', () => {
  const custom = (tag: string) => ({ tag, resolve: (value: unknown) => value });
  const service = parse(readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8'), {
    merge: true,
    customTags: [
      custom('!GetAtt'),
      custom('!Ref'),
      custom('!Sub'),
      { ...custom('!Join'), collection: 'seq' as const },
    ],
  });
  const events = Object.values(record(service.functions))
    .flatMap((fn) => record(fn).events as Json[])
    .filter((event) => 'httpApi' in event);
  const routed = events.map(({ httpApi }) =>
    typeof httpApi === 'string' ? httpApi : `${record(httpApi).method} ${record(httpApi).path}`,
  );
  it('routes every operation of the contract, and nothing else', () => {
    const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(routed.toSorted()).toEqual(
      [...documented, 'GET /openapi.json', 'GET /v1/openapi.json', '*'].toSorted(),
    );
  });
  it('puts the authorizer before everything that needs a token', () => {
    for (const { httpApi } of events) {
      const isOpen = typeof httpApi === 'string';
      expect(isOpen || record(httpApi).authorizer).toEqual(isOpen ? true : { name: 'userPool' });
      if (isOpen) expect(httpApi).toMatch(/health|openapi\.json|^\*$/);
    }
  });
});

it('docs/errors.md explains every code', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/errors.md'), 'utf8');
  const missing = [
    ...Object.keys(PROBLEMS),
    'invalid_event',
    'event_too_large',
    'event_time_out_of_range',
    'stream_unavailable',
  ].filter((code) => !page.includes(`| \`${code}\` |`));
  expect(missing).toEqual([]);
});
