import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Serverless } from '../../src/plugin/framework.ts';
import { freePort, isFree } from '../../src/plugin/free-port.ts';
import { isolateFromAws } from '../../src/plugin/isolation.ts';
import {
  configureOffline,
  narrowWatch,
  removeSchedules,
} from '../../src/plugin/offline-options.ts';
import { describeService } from '../../src/plugin/registration.ts';

function serverless(service: Partial<Serverless['service']>, serviceDir?: string): Serverless {
  return {
    service: { service: 'millrace-etl', provider: { stage: 'local' }, ...service },
    ...(serviceDir === undefined ? {} : { serviceDir }),
  };
}

describe('what the plugin tells the cloud', () => {
  it('merges the environment of provider and function, the function’s own winning', () => {
    const { functions } = describeService(
      serverless({
        provider: { environment: { A: 'provider', B: { Ref: 'Table' } }, timeout: 30 },
        functions: {
          load: { name: 'millrace-etl-local-load', environment: { A: 'own' }, memorySize: 256 },
        },
      }),
    );
    expect(functions).toEqual([
      {
        key: 'load',
        name: 'millrace-etl-local-load',
        timeoutSeconds: 30,
        memoryMb: 256,
        environment: { A: 'own', B: { Ref: 'Table' } },
        events: [],
      },
    ]);
  });
});

describe('the environment of the functions', () => {
  it('holds the local cloud’s settings and nothing of a real account', () => {
    const env: NodeJS.ProcessEnv = {
      PATH: '/bin',
      AWS_PROFILE: 'production',
      AWS_SESSION_TOKEN: 'real',
      AWS_ENDPOINT_URL_S3: 'https://real',
      AWS_ACCESS_KEY_ID: 'AKIAREAL',
    };
    isolateFromAws(env, 'http://127.0.0.1:4566');
    expect(env).toMatchObject({
      PATH: '/bin',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ACCESS_KEY_ID: 'millrace',
    });
    for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_ENDPOINT_URL_S3']) {
      expect(env).not.toHaveProperty(name);
    }
  });
});

describe('the options of serverless-offline', () => {
  const http = { load: { name: 'load', events: [{ httpApi: 'GET /' }] } };

  it('gives each service a free port for its functions, and the API port to the one with HTTP', async () => {
    const api = await freePort();
    const plain = serverless({});
    const serving = serverless({ functions: http });
    const ports = { edge: 1, mqtt: 2, api };
    const first = await configureOffline(plain, {}, ports);
    const second = await configureOffline(serving, {}, ports);
    expect(first.httpPort).toBeUndefined();
    expect(second.httpPort).toBe(api);
    expect(await isFree(first.lambdaPort)).toBe(true);
    expect(plain.service.custom?.['serverless-offline']).toMatchObject({
      lambdaPort: first.lambdaPort,
    });
  });

  it('leaves what the service sets, and what serverless-esbuild added', async () => {
    const httpPort = await freePort();
    const own = { httpPort, location: '.esbuild/.build' };
    const service = serverless({ functions: http, custom: { 'serverless-offline': own } });
    const addresses = await configureOffline(service, {}, { edge: 1, mqtt: 2, api: 3 });
    expect(addresses.httpPort).toBe(httpPort);
    expect(service.service.custom?.['serverless-offline']).toMatchObject(own);
  });

  it('removes schedules, which the cloud runs', () => {
    const events = [{ schedule: 'rate(1 hour)' }, { httpApi: 'GET /' }];
    const { service } = serverless({ functions: { load: { name: 'load', events } } });
    removeSchedules(service);
    expect(service.functions?.load?.events).toEqual([{ httpApi: 'GET /' }]);
  });
});

describe('watching for changes', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-plugin-'));
    mkdirSync(join(folder, 'src'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('covers the sources only, so that saving a test interrupts no invocation', () => {
    const watched = serverless({ custom: { esbuild: { minify: true } } }, folder);
    narrowWatch(watched);
    expect(watched.service.custom?.esbuild).toEqual({
      minify: true,
      watch: { pattern: ['src/**/*.(js|mjs|ts)'] },
    });
  });

  it('leaves a service’s own choice alone', () => {
    const esbuild = { watch: { pattern: ['lib/**'] } };
    const watched = serverless({ custom: { esbuild } }, folder);
    narrowWatch(watched);
    expect(watched.service.custom?.esbuild).toEqual(esbuild);
  });
});
