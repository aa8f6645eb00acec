import { readFileSync } from 'node:fs';
import { PermanentError } from '@millrace/middleware';
import { expect, test } from 'vitest';
import { readRuleEvent } from '../../src/adapters/rule-event.ts';

const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`../samples/${name}.json`, import.meta.url), 'utf8'));

test('reads what the rule selects of an MQTT message', () => {
  const message = readRuleEvent(sample('rule-event-mqtt'));
  expect(message).toMatchObject({
    deviceId: 'wheel-1',
    clientId: 'wheel-1',
    traceId: '7e146a2c-95b5-6caf-98b9-50e3969734c7',
    receivedAt: 1795426861123,
  });
  expect(JSON.parse(Buffer.from(message.payload).toString())).toMatchObject({
    metrics: { rpm: 8.25 },
  });
});

test('a message over HTTPS has neither client nor trace', () => {
  expect(readRuleEvent(sample('rule-event-https'))).toMatchObject({
    clientId: undefined,
    traceId: undefined,
  });
});

test('an event that no rule selected fails the invocation, so that it is kept', () => {
  expect(() => readRuleEvent({ hello: 'world' })).toThrow(PermanentError);
});
