import {
  MAX_BODY_BYTES,
  PROBLEMS,
  Problem,
  type ProblemCode,
  ROUTES,
  type RouteContract,
} from '@millrace/types';
import * as z from 'zod/mini';
import { BASE_PATH, pathsOf } from './routing.ts';

type Json = Readonly<Record<string, unknown>>;

export interface OpenApiOptions {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** `iss` of the user pool's tokens. */
  readonly issuer: string;
  /** Schemas that get a name of their own under `components`. */
  readonly schemas: Readonly<Record<string, z.ZodMiniType>>;
  /** Replaces what a schema says of itself, by name. */
  readonly overrides?: Readonly<Record<string, Json>>;
}

/** The OpenAPI 3.1 document of ROUTES. https://spec.openapis.org/oas/v3.1.1.html */
export function openApiDocument(options: OpenApiOptions): Json {
  const schemas: Record<string, z.ZodMiniType> = { Problem, ...options.schemas };
  const reference = (schema: z.ZodMiniType): Json => {
    const name = Object.keys(schemas).find((key) => schemas[key] === schema);
    return name === undefined ? schemaOf(schema) : { $ref: `#/components/schemas/${name}` };
  };
  return {
    openapi: '3.1.0',
    info: { title: options.title, version: options.version, description: options.description },
    servers: [{ url: '/' }],
    tags: [...new Set(ROUTES.map(({ tag }) => tag))].map((name) => ({ name })),
    paths: pathItems(reference),
    components: {
      schemas: componentSchemas(schemas, options.overrides ?? {}),
      securitySchemes: {
        idToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `The ID token (not the access token) of the user pool ${options.issuer}.`,
        },
      },
    },
  };
}

function pathItems(reference: (schema: z.ZodMiniType) => Json): Json {
  const paths: Record<string, Record<string, Json>> = {};
  const routes: readonly RouteContract[] = ROUTES;
  for (const route of routes) {
    for (const path of pathsOf(route.path, route.authenticated)) {
      paths[path] ??= {};
      paths[path][route.method.toLowerCase()] = {
        ...operationOf(route, reference),
        // Operation ids are unique in the document.
        operationId: path.startsWith(BASE_PATH) ? route.operationId : `${route.operationId}AtRoot`,
      };
    }
  }
  return paths;
}

function operationOf(route: RouteContract, reference: (schema: z.ZodMiniType) => Json): Json {
  const parameters = parametersOf(route);
  return {
    summary: route.summary,
    tags: [route.tag],
    security: route.authenticated ? [{ idToken: [] }] : [],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body !== undefined && { requestBody: requestBodyOf(route, route.body, reference) }),
    responses: responsesOf(route, reference),
  };
}

function requestBodyOf(
  route: RouteContract,
  body: z.ZodMiniType,
  reference: (schema: z.ZodMiniType) => Json,
): Json {
  const schema = reference(body);
  const entry = { description: 'One entry by itself.' };
  const mediaTypes = route.mediaTypes ?? ['application/json'];
  return {
    required: true,
    description: `At most ${route.maxBodyBytes ?? MAX_BODY_BYTES} bytes.`,
    content: Object.fromEntries(
      mediaTypes.map((type) => [type, { schema: type === route.entryMediaType ? entry : schema }]),
    ),
  };
}

function parametersOf(route: RouteContract): Json[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1, maxLength: 256 },
  }));
  const inQuery = Object.entries(route.query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !z.safeParse(schema, undefined).success,
    schema: schemaOf(schema as z.ZodMiniType),
  }));
  const key = route.idempotencyKey && {
    name: 'Idempotency-Key',
    in: 'header',
    required: route.idempotencyKey === 'required',
    description: 'New for every new request, the same for every repetition of it.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
  };
  const ifMatch = route.ifMatch && {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'The `etag` of an earlier answer: 412 where the resource was changed since.',
    schema: { type: 'string' },
  };
  return [...inPath, ...inQuery, ...(key ? [key] : []), ...(ifMatch ? [ifMatch] : [])];
}

const CORRELATION = {
  'x-correlation-id': {
    description: "The request's own, or a new one.",
    schema: { type: 'string' },
  },
};

function responsesOf(route: RouteContract, reference: (schema: z.ZodMiniType) => Json): Json {
  const { status, body, mediaType = 'application/json' } = route.success;
  const success = {
    description: 'Success.',
    headers: {
      ...CORRELATION,
      ...(route.idempotencyKey && {
        'idempotency-replayed': {
          description: '`true` where this is the answer to an earlier request with the same key.',
          schema: { type: 'string' },
        },
      }),
    },
    ...(body !== undefined && { content: { [mediaType]: { schema: reference(body) } } }),
  };
  return { [status]: success, ...problemResponses(route) };
}

function problemResponses(route: RouteContract): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemCodesOf(route)) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
        headers: CORRELATION,
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
    ]),
  );
}

function problemCodesOf(route: RouteContract): Set<ProblemCode> {
  const codes = new Set<ProblemCode>(route.problems ?? []);
  const add = (...more: ProblemCode[]) => {
    for (const code of more) codes.add(code);
  };
  if (route.authenticated)
    add('unauthenticated', 'invalid_token', 'token_expired', 'tenant_invalid');
  if (route.body) {
    add('invalid_request', 'malformed_json', 'payload_too_large', 'unsupported_media_type');
  }
  if (route.query || route.idempotencyKey || route.path.includes('{')) add('invalid_request');
  add('internal_error', 'service_unavailable');
  return codes;
}

function componentSchemas(
  schemas: Readonly<Record<string, z.ZodMiniType>>,
  overrides: Readonly<Record<string, Json>>,
): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, {
    io: 'input',
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
  }).schemas;
  return Object.fromEntries(
    Object.entries(made).map(([name, schema]) => [
      name,
      { ...withoutIdentity(schema), ...overrides[name] },
    ]),
  );
}

function schemaOf(schema: z.ZodMiniType): Json {
  return withoutIdentity(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
}

/** OpenAPI 3.1 has its own dialect and addresses components by their place. */
function withoutIdentity(schema: object): Json {
  return Object.fromEntries(
    Object.entries(schema).filter(([name]) => name !== '$schema' && name !== '$id'),
  );
}
