// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation's.
import { describe, expect, it } from 'vitest';
import {
  type IntrinsicScope,
  referencedIds,
  resolveIntrinsics,
} from '../../src/resources/intrinsics.ts';

function scope(overrides: Partial<IntrinsicScope> = {}) {
  const warnings: string[] = [];
  const resources: Record<string, Record<string, unknown>> = {
    Table: { Ref: 'millrace-local-files', Arn: 'arn:aws:dynamodb:::table/millrace-local-files' },
    Pool: { Ref: 'us-east-1_pool', 'Endpoint.Address': 'nested' },
  };
  const value: IntrinsicScope = {
    region: 'us-east-1',
    accountId: '000000000000',
    stackName: 'millrace-etl-local',
    ref: (logicalId) => resources[logicalId]?.Ref,
    attribute: (logicalId, name) => resources[logicalId]?.[name],
    importValue: (name) => (name === 'shared-arn' ? 'arn:shared' : undefined),
    conditions: {
      IsLocal: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
      IsNotLocal: { 'Fn::Not': [{ Condition: 'IsLocal' }] },
    },
    mappings: { Sizes: { local: { memory: 128 } } },
    warn: (message) => warnings.push(message),
    ...overrides,
  };
  return { value, warnings };
}

function resolve(value: unknown) {
  const { value: within, warnings } = scope();
  return { result: resolveIntrinsics(value, within), warnings };
}

describe('intrinsic functions', () => {
  it.each([
    [{ Ref: 'Table' }, 'millrace-local-files'],
    [{ Ref: 'AWS::AccountId' }, '000000000000'],
    [{ Ref: 'AWS::StackName' }, 'millrace-etl-local'],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:aws:dynamodb:::table/millrace-local-files'],
    [{ 'Fn::GetAtt': 'Table.Arn' }, 'arn:aws:dynamodb:::table/millrace-local-files'],
    [{ 'Fn::GetAtt': ['Pool', 'Endpoint', 'Address'] }, 'nested'],
    [
      { 'Fn::Sub': '${Table.Arn}/index/*' },
      'arn:aws:dynamodb:::table/millrace-local-files/index/*',
    ],
    [
      { 'Fn::Sub': ['${Name}-${AWS::Region}', { Name: { Ref: 'Table' } }] },
      'millrace-local-files-us-east-1',
    ],
    [{ 'Fn::Sub': 'keep ${!Literal}' }, 'keep ${Literal}'],
    [{ 'Fn::Join': ['/', ['a', { Ref: 'Pool' }]] }, 'a/us-east-1_pool'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [',', 'a,b,c'] }] }, 'b'],
    [{ 'Fn::If': ['IsLocal', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::If': ['IsNotLocal', 'yes', 'no'] }, 'no'],
    [{ 'Fn::FindInMap': ['Sizes', 'local', 'memory'] }, 128],
    [{ 'Fn::ImportValue': { 'Fn::Sub': 'shared-arn' } }, 'arn:shared'],
    [{ 'Fn::ToJsonString': { a: { Ref: 'Pool' } } }, '{"a":"us-east-1_pool"}'],
  ])('resolves %j', (expression, expected) => {
    const { result, warnings } = resolve(expression);
    expect(result).toEqual(expected);
    expect(warnings).toEqual([]);
  });

  it('resolves inside objects and lists and leaves plain values alone', () => {
    expect(resolve({ a: [{ Ref: 'Table' }, 1, true, null], b: { c: 'text' } }).result).toEqual({
      a: ['millrace-local-files', 1, true, null],
      b: { c: 'text' },
    });
  });

  it('drops AWS::NoValue from objects and lists without a warning', () => {
    const { result, warnings } = resolve({
      a: { 'Fn::If': ['IsLocal', { Ref: 'AWS::NoValue' }, 'x'] },
      b: [{ Ref: 'AWS::NoValue' }, 'kept'],
    });
    expect(result).toEqual({ b: ['kept'] });
    expect(warnings).toEqual([]);
  });

  it.each([
    [{ Ref: 'Nowhere' }, /Ref Nowhere/],
    [{ 'Fn::GetAtt': ['Table', 'Nothing'] }, /Table\.Nothing/],
    [{ 'Fn::Sub': 'x-${Nowhere}' }, /Nowhere/],
    [{ 'Fn::ImportValue': 'absent-export' }, /absent-export.*export/],
    [{ 'Fn::Cidr': ['10.0.0.0/8', 1] }, /Fn::Cidr/],
  ])('leaves out what cannot be known and says so: %j', (expression, warning) => {
    const { result, warnings } = resolve({ value: expression });
    expect(result).toEqual({});
    expect(warnings.join()).toMatch(warning);
  });

  it('does not take the Condition block of a policy statement for a condition', () => {
    const statement = { Effect: 'Allow', Only: { Condition: { Bool: { 'aws:Secure': true } } } };
    expect(resolve(statement).result).toEqual(statement);
  });

  it('finds every logical id that a value refers to', () => {
    const ids = referencedIds({
      a: { Ref: 'One' },
      b: [{ 'Fn::GetAtt': 'Two.Arn' }, { 'Fn::GetAtt': ['Three', 'Arn'] }],
      c: { 'Fn::Sub': ['${Four}-${Five.Arn}-${!Six}', { X: { Ref: 'Seven' } }] },
    });
    expect([...ids].sort()).toEqual(['Five', 'Four', 'One', 'Seven', 'Three', 'Two']);
  });
});
