import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/iot/policies/document.ts';
import { isAllowed, type PolicyAction } from '../../src/iot/policies/evaluate.ts';

const allow = (Action: string | string[], Resource: string | string[], Condition?: object) => ({
  Effect: 'Allow',
  ...{ Action, Resource },
  ...(Condition && { Condition }),
});
const deny = (Action: string, Resource: string) => ({ Effect: 'Deny', Action, Resource });

function allowed(
  statements: readonly object[],
  action: PolicyAction,
  resource: string,
  variables: Record<string, string> = {},
): boolean {
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const variable = (name: string) => variables[name];
  return isAllowed(parsePolicy(document), { action, resource, variable });
}

describe('a policy', () => {
  it('allows nothing that it does not name', () => {
    const statements = [allow('iot:Publish', 'topic/a')];
    expect(allowed(statements, 'Publish', 'topic/a')).toBe(true);
    expect(allowed(statements, 'Publish', 'topic/ab')).toBe(false);
    expect(allowed(statements, 'Subscribe', 'topic/a')).toBe(false);
    expect(allowed([], 'Publish', 'topic/a')).toBe(false);
  });

  it('denies what any statement denies', () => {
    const statements = [allow('iot:*', '*'), deny('iot:Publish', 'topic/admin/*')];
    expect(allowed(statements, 'Publish', 'topic/a')).toBe(true);
    expect(allowed(statements, 'Publish', 'topic/admin/a')).toBe(false);
  });

  it('takes + and # literally, in policies and in topic filters', () => {
    const statements = [allow('iot:Subscribe', 'topicfilter/a/+')];
    expect(allowed(statements, 'Subscribe', 'topicfilter/a/+')).toBe(true);
    expect(allowed(statements, 'Subscribe', 'topicfilter/a/b')).toBe(false);
  });

  it('matches nothing by a variable without a value', () => {
    const name = 'iot:Connection.Thing.ThingName';
    const statements = [allow('iot:Connect', `client/\${${name}}`)];
    expect(allowed(statements, 'Connect', 'client/a', { [name]: 'a' })).toBe(true);
    expect(allowed(statements, 'Connect', 'client/b', { [name]: 'a' })).toBe(false);
    expect(allowed(statements, 'Connect', 'client/')).toBe(false);
  });

  it('applies only where its conditions hold', () => {
    const attached = 'iot:Connection.Thing.IsAttached';
    const statements = [allow('iot:Connect', '*', { Bool: { [attached]: ['true'] } })];
    expect(allowed(statements, 'Connect', 'client/a', { [attached]: 'true' })).toBe(true);
    expect(allowed(statements, 'Connect', 'client/a', { [attached]: 'false' })).toBe(false);
    expect(allowed(statements, 'Connect', 'client/a')).toBe(false);
    const not = [allow('iot:Connect', '*', { StringNotLike: { 'iot:ClientId': 'x*' } })];
    expect(allowed(not, 'Connect', 'client/a', { 'iot:ClientId': 'a' })).toBe(true);
    expect(allowed(not, 'Connect', 'client/xa', { 'iot:ClientId': 'xa' })).toBe(false);
  });

  it.each([
    ['{', 'it is not JSON'],
    ['{"Statement":[{"Effect":"Allow","Action":"iot:Publish"}]}', 'Resource'],
    ['{"Statement":[{"Effect":"allow","Action":"a","Resource":"*"}]}', 'Effect'],
    [
      '{"Statement":[{"Effect":"Allow","Action":"a","Resource":"*","Condition":{"DateLessThan":{"a":"b"}}}]}',
      'DateLessThan',
    ],
    [JSON.stringify({ Statement: [allow('iot:Publish', 'x'.repeat(2048))] }), '2048 bytes'],
  ])('that cannot be understood is refused with the place: %.40s', (document, place) => {
    expect(() => parsePolicy(document)).toThrow(place);
  });
});

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '/', '$', '{', '}', '+') });

it('never takes what a variable holds for a wildcard', () => {
  fc.assert(
    fc.property(letters, letters, (value, other) => {
      const statements = [allow('iot:Publish', `topic/\${iot:ClientId}/x`)];
      const variables = { 'iot:ClientId': value };
      expect(allowed(statements, 'Publish', `topic/${value}/x`, variables)).toBe(true);
      expect(allowed(statements, 'Publish', `topic/${other}/x`, variables)).toBe(value === other);
    }),
  );
});

it('matches wildcards as the regular expression of the same meaning does', () => {
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 12 });
  const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      const statements = [allow('iot:Publish', `topic/${pattern}`)];
      expect(allowed(statements, 'Publish', `topic/${text}`)).toBe(expected.test(text));
    }),
  );
});

it('answers a hostile pattern at once', () => {
  const statements = [allow('iot:Publish', `${'*a'.repeat(500)}b`)];
  expect(allowed(statements, 'Publish', 'a'.repeat(5_000))).toBe(false);
});
