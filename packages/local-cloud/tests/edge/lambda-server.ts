import { answerOf } from '../../src/lambda/channel/function-answer.ts';
import { serveFunctions } from '../../src/lambda/channel/serve-functions.ts';

export interface LambdaServer {
  readonly url: string;
  /** Events by function name, in the order of their arrival. */
  readonly received: { readonly name: string; readonly event: unknown }[];
  close(): Promise<void>;
}

/** Plays the host of a service's functions; `answer` is their code. */
export async function startLambdaServer(
  answer: (name: string, event: unknown) => unknown = () => null,
): Promise<LambdaServer> {
  const received: { name: string; event: unknown }[] = [];
  const server = await serveFunctions(({ functionName: name, payload }) => {
    const event: unknown = JSON.parse(payload);
    received.push({ name, event });
    return answerOf(() => answer(name, event));
  });
  return { url: server.url, received, close: server.close };
}
