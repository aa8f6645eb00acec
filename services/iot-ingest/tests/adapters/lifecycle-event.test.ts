import { PermanentError } from '@millrace/middleware';
import { expect, test } from 'vitest';
import { readLifecycleEvent } from '../../src/adapters/lifecycle-event.ts';

const told = {
  clientId: 'wheel-1',
  timestamp: 1573002340451,
  eventType: 'disconnected',
  sessionIdentifier: '00000000-0000-0000-0000-000000000000',
  principalIdentifier:
    '000000000000/ABCDEFGHIJKLMNOPQRSTU:some-user/ABCDEFGHIJKLMNOPQRSTU:some-user',
  clientInitiatedDisconnect: true,
  disconnectReason: 'CLIENT_INITIATED_DISCONNECT',
  versionNumber: 3,
};

test('reads what the broker tells of a connection', () => {
  expect(readLifecycleEvent(told)).toEqual({
    clientId: 'wheel-1',
    isConnected: false,
    at: 1573002340451,
    version: 3,
    sessionId: '00000000-0000-0000-0000-000000000000',
    reason: 'CLIENT_INITIATED_DISCONNECT',
  });
});

test.each([[null], [{}], [{ ...told, versionNumber: -1 }], [{ ...told, eventType: 'subscribed' }]])(
  'anything else fails the invocation, so that it is kept',
  (event) => {
    expect(() => readLifecycleEvent(event)).toThrow(PermanentError);
  },
);
