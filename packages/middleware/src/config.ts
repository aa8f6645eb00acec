import { validate } from '@millrace/types';
import type * as z from 'zod/mini';
import { ConfigError } from './errors.ts';

/**
 * Reads a function's environment by a zod/mini object over strings. Call it at module level, so
 * that a wrong deployment fails at cold start and not at the first odd event.
 *
 * @throws ConfigError naming every missing or wrong variable, without their values.
 */
export function readConfig<S extends z.ZodMiniObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>> = process.env,
): z.infer<S> {
  const validated = validate(schema, env);
  if (validated.ok) return validated.value;
  const wrong = validated.violations.map(({ path, message }) => `${path.slice(1)}: ${message}`);
  throw new ConfigError(
    `The environment of this function is not complete. ${wrong.join('; ')}. ` +
      'Set the variables under `environment:` of the function in serverless.yml.',
  );
}
