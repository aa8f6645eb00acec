import { IotError, invalid } from '../registry/iot-error.ts';
import { certificateOperations } from './certificate-operations.ts';
import type { Operation } from './operation.ts';
import { policyOperations } from './policy-operations.ts';
import { thingOperations } from './thing-operations.ts';

/** Where devices connect: the name is in the server's certificate, the ports are the local cloud's. */
const endpoints: Operation = {
  method: 'GET',
  path: /^\/endpoint$/,
  run({ query }) {
    const type = query.get('endpointType') ?? 'iot:Data';
    if (type === 'iot:Data-ATS' || type === 'iot:Data') return { endpointAddress: 'localhost' };
    throw invalid(`The endpoint type ${type} is not offered by the local cloud.`);
  },
};

const operations = [...thingOperations, ...certificateOperations, ...policyOperations, endpoints];

/**
 * The operation that a request asks for, with the decoded parts of its path.
 * @throws IotError UnknownOperationException, InvalidRequestException
 */
export function findOperation(
  method: string,
  path: string,
): { readonly operation: Operation; readonly parts: readonly string[] } {
  for (const operation of operations) {
    const found = operation.method === method && operation.path.exec(path);
    if (found) return { operation, parts: found.slice(1).map(decoded) };
  }
  const message = `AWS IoT's ${method} ${path} is not offered by the local cloud.`;
  throw new IotError('UnknownOperationException', 400, message);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid('The path is not URL-encoded.');
  }
}
