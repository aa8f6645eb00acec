import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { FileResource, OrderResource, UploadTicket } from '@millrace/types';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Account } from './account.ts';
import { ORDER_TOTAL, orderRequest, picture, TENANT } from './samples.ts';

const SOON = { timeout: 90_000, interval: 500 };

/** The HTTP API through the gateway, with tokens of the deployed user pool. */
export function httpApi(account: () => Account): void {
  describe('HTTP API', () => {
    let api: string;
    let signedIn: RequestInit;

    beforeAll(async () => {
      const apiId = await account().output('api', 'HttpApiId');
      // As MiniStack serves it without a resolver for AWS's host names.
      api = `${account().endpoint}/_aws/execute-api/${apiId}/$default/v1`;
      signedIn = { headers: { authorization: `Bearer ${await idToken(account())}` } };
    });
    const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${api}${path}`, {
        method: 'POST',
        headers: { ...signedIn.headers, ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });

    it('says that it is well, to anybody', async () => {
      expect((await fetch(`${api}/health`)).status).toBe(200);
    });

    it.each([
      ['no token', {}],
      ['a token that nobody signed', { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
    ])('refuses %s with 401', async (_name, headers) => {
      expect((await fetch(`${api}/orders`, { headers })).status).toBe(401);
    });

    it('places an order once, counts it and shows it', async () => {
      const key = { 'idempotency-key': 'rehearsal-1' };
      const before = await account().counted(TENANT, 'order');
      const [first, second] = [
        await post('/orders', orderRequest, key),
        await post('/orders', orderRequest, key),
      ];
      expect([first.status, second.status]).toEqual([201, 201]);
      const placed = OrderResource.parse(await first.json());
      expect(OrderResource.parse(await second.json())).toEqual(placed);
      const shown = await fetch(`${api}/orders/${placed.orderId}`, signedIn);
      expect(await shown.json()).toMatchObject({ orderId: placed.orderId, total: ORDER_TOTAL });
      await expect.poll(() => account().counted(TENANT, 'order'), SOON).toBe(before + 1);
    });

    it('takes a picture by its ticket and shows its renditions', async () => {
      const bytes = new Uint8Array(await picture());
      const announced = await post('/uploads', {
        fileName: '사진 #1 (50%)+.jpg',
        contentType: 'image/jpeg',
        size: bytes.length,
      });
      const { fileId, upload } = UploadTicket.parse(await announced.json());
      if (upload.kind !== 'single') throw new Error('A small picture was announced in parts.');
      const { url, method, headers } = upload;
      expect((await fetch(url, { method, headers, body: bytes })).status).toBe(200);
      const file = async () =>
        FileResource.parse(await (await fetch(`${api}/files/${fileId}`, signedIn)).json());
      await expect.poll(async () => (await file()).status, SOON).toBe('ready');
      const { renditions } = await file();
      // Of three widths, and a JPEG for mail.
      const answers = await Promise.all(renditions.map((rendition) => fetch(rendition.url)));
      expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    });
  });
}

/** Makes a user of the tenant in the deployed pool, and signs in. */
async function idToken({ cognito, output }: Account): Promise<string> {
  const UserPoolId = await output('api', 'userPoolId');
  const ClientId = await output('api', 'userPoolClientId');
  const user = { UserPoolId, Username: 'deploy@example.com' };
  const password = `Aa1${crypto.randomUUID()}`;
  await cognito.send(
    new AdminCreateUserCommand({
      ...user,
      MessageAction: 'SUPPRESS',
      UserAttributes: [
        { Name: 'email', Value: user.Username },
        { Name: 'custom:tenant', Value: TENANT },
      ],
    }),
  );
  await cognito.send(
    new AdminSetUserPasswordCommand({ ...user, Password: password, Permanent: true }),
  );
  const { AuthenticationResult } = await cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId,
      AuthParameters: { USERNAME: user.Username, PASSWORD: password },
    }),
  );
  if (!AuthenticationResult?.IdToken) throw new Error('The user pool gave no ID token.');
  return AuthenticationResult.IdToken;
}
