import type { Problem } from '@millrace/types';
import { createApiClient } from '../api-client.ts';
import type { DemoContext } from '../context.ts';
import type { Outcome } from '../report.ts';

/** Callers that must be refused: nobody, and somebody with a token that the pool never signed. */
export async function checkAccess(context: DemoContext, token: string): Promise<Outcome[]> {
  const [header, payload] = token.split('.');
  return [
    await refused(context, 'a request without a token', undefined),
    await refused(
      context,
      'a token with a forged signature',
      `${header}.${payload}.${'A'.repeat(342)}`,
    ),
  ];
}

async function refused(
  context: DemoContext,
  input: string,
  token: string | undefined,
): Promise<Outcome> {
  const since = performance.now();
  const answer = await createApiClient(context.targets.apiUrl, token).get('/files');
  const code = (answer.body as Partial<Problem> | undefined)?.code;
  const outcome = {
    area: 'access' as const,
    input,
    result: `refused with ${answer.status}${code ? ` ${code}` : ''}`,
    latencyMs: performance.now() - since,
  };
  return answer.status === 401 ? outcome : { ...outcome, expected: 'refused with 401' };
}
