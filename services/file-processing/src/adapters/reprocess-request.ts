import { PermanentError } from '@millrace/middleware';
import { describeViolations, ReprocessRequest, validate } from '@millrace/types';

/** @throws PermanentError `reprocess_invalid` */
export function parseReprocessRequest(event: unknown): ReprocessRequest {
  const request = validate(ReprocessRequest, event);
  if (request.ok) return request.value;
  throw new PermanentError(
    'reprocess_invalid',
    `This asks for nothing that can be done again: ${describeViolations(request.violations)}`,
  );
}
