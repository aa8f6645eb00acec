import { resolve } from 'node:path';
import type { CliOptions, Serverless } from './framework.ts';
import type { HostedFunction } from './function-host/function-host.ts';

/**
 * The functions of a service as they are run: their bundles lie where serverless-esbuild has told
 * serverless-offline. Call it when both have been started.
 */
export function hostedFunctions(
  { service, serviceDir = process.cwd() }: Serverless,
  cli: CliOptions,
): HostedFunction[] {
  const offline = asRecord(service.custom?.['serverless-offline']);
  const folder = resolve(serviceDir, String(cli.location ?? offline.location ?? ''));
  const { provider } = service;
  return Object.entries(service.functions ?? {}).map(([key, declared]) => {
    const memoryMb = declared.memorySize ?? provider.memorySize ?? 1024;
    return {
      ...{ key, name: declared.name, handler: declared.handler ?? '', folder, memoryMb },
      timeoutMs: (declared.timeout ?? provider.timeout ?? 6) * 1000,
      environment: {
        ...runtimeVariables(declared.name, declared.handler ?? '', memoryMb),
        ...texts(declared.environment),
      },
    };
  });
}

/**
 * What a function finds besides its own variables. All `AWS_*` of this process are the local cloud's.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
function runtimeVariables(name: string, handler: string, memoryMb: number): Record<string, string> {
  const ofProcess = Object.entries(process.env).filter(([key]) => key.startsWith('AWS_'));
  return {
    ...texts(Object.fromEntries(ofProcess)),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    IS_OFFLINE: 'true',
    LANG: 'en_US.UTF-8',
    PATH: process.env.PATH ?? '',
    _HANDLER: handler,
  };
}

function texts(variables: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, String(value)]),
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
