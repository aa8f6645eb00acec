import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type {
  FoundFiles,
  LookedFiles,
  RedoneFiles,
  RedoScope,
  ReprocessRequest,
  SeenFile,
} from '@millrace/types';
import { edgeClientOptions, localTargets } from '../demo/targets.ts';

export interface Wanted {
  /** Of the objects' keys. */
  readonly prefix: string;
  readonly scope: RedoScope;
  readonly kind?: string | undefined;
}

/** What file-processing can be asked about uploads that are to be processed again. */
export interface Reprocessor {
  find(wanted: Wanted, cursor?: string): Promise<FoundFiles>;
  /** At most 25 files. */
  redo(files: readonly SeenFile[]): Promise<RedoneFiles>;
  /** At most 100 files. */
  look(files: readonly SeenFile[]): Promise<LookedFiles>;
}

/** The function that is to do it cannot be reached, or says no. */
export class ReprocessorError extends Error {
  readonly code = 'REPROCESSOR_FAILED';
}

/** Of a stage: the local one behind the edge, any other by the SDK's own configuration. */
export function lambdaReprocessor(stage: string): Reprocessor & { close(): void } {
  const client = new LambdaClient(stage === 'local' ? edgeClientOptions(localTargets()) : {});
  const FunctionName = `millrace-file-processing-${stage}-reprocessUploads`;

  async function invoke<Answer>(request: ReprocessRequest): Promise<Answer> {
    const { Payload, FunctionError } = await client
      .send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(request) }))
      .catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message || cause.name : String(cause);
        throw new ReprocessorError(
          `${FunctionName} cannot be invoked (${why}): start the stack with "npm start", or name a stage that is deployed.`,
          { cause },
        );
      });
    const answer = JSON.parse(Payload?.transformToString() ?? 'null');
    if (FunctionError === undefined) return answer as Answer;
    throw new ReprocessorError(`${FunctionName} failed: ${answer?.errorMessage ?? FunctionError}`);
  }

  return {
    find: ({ prefix, scope, kind }, cursor) =>
      invoke({ action: 'find', prefix, scope, kind, cursor }),
    redo: (files) => invoke({ action: 'redo', files: files.map(seen) }),
    look: (files) => invoke({ action: 'look', files: files.map(seen) }),
    close: () => client.destroy(),
  };
}

const seen = ({ tenant, fileId, order, seenAt }: SeenFile) => ({ tenant, fileId, order, seenAt });
