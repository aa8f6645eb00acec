import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { notOffered, sendAwsError } from './aws-error.ts';
import { readBody, send } from './message.ts';

const MAX_REQUEST_BYTES = 64 * 1024;

/** STS: `GetCallerIdentity`, with which tools find out whose account they work in. */
export async function handleSts(
  accountId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, MAX_REQUEST_BYTES);
  const action = new URLSearchParams(body.toString('utf8')).get('Action');
  if (action !== 'GetCallerIdentity') {
    sendAwsError(response, 'query', notOffered(`STS ${action ?? 'without an Action'}`));
    return;
  }
  const identity =
    `<Arn>arn:aws:iam::${accountId}:user/millrace</Arn>` +
    `<UserId>AIDAMILLRACELOCAL0000</UserId><Account>${accountId}</Account>`;
  const xml =
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
    `<GetCallerIdentityResult>${identity}</GetCallerIdentityResult>` +
    `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>` +
    '</GetCallerIdentityResponse>';
  send(response, 200, { 'content-type': 'text/xml' }, xml);
}
