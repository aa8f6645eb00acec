/**
 * CloudFormation intrinsic functions, evaluated against what exists locally.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 *
 * A value that cannot be known (and `AWS::NoValue`) resolves to `undefined` and disappears from the
 * object or list that holds it: an absent environment variable fails at the reader's cold start with
 * its name, a made-up one would fail somewhere else.
 */

export interface IntrinsicScope {
  readonly region: string;
  readonly accountId: string;
  readonly stackName: string;
  /** `undefined` when the template holds no such logical id. */
  ref(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  importValue(name: string): unknown;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly mappings: Readonly<Record<string, unknown>>;
  warn(message: string): void;
}

type Evaluate = (argument: unknown, scope: IntrinsicScope) => unknown;

const functions: Readonly<Record<string, Evaluate>> = {
  Ref: (argument, scope) => ref(String(argument), scope),
  'Fn::GetAtt': getAttribute,
  'Fn::Sub': substitute,
  'Fn::Join': join,
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::If': ifElse,
  'Fn::FindInMap': findInMap,
  'Fn::ImportValue': importValue,
  'Fn::ToJsonString': (argument, scope) => {
    const value = resolveIntrinsics(argument, scope);
    return value === undefined ? undefined : JSON.stringify(value);
  },
  'Fn::Base64': (argument, scope) => {
    const value = resolveIntrinsics(argument, scope);
    return value === undefined ? undefined : Buffer.from(String(value)).toString('base64');
  },
  'Fn::Equals': testCondition,
  'Fn::And': testCondition,
  'Fn::Or': testCondition,
  'Fn::Not': testCondition,
};

/** Replaces every intrinsic in `value`. Never throws: what is wrong is told to `scope.warn`. */
export function resolveIntrinsics(value: unknown, scope: IntrinsicScope): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolveIntrinsics(item, scope)).filter((item) => item !== undefined);
  }
  if (!isRecord(value)) return value;
  const call = asCall(value);
  if (call) {
    const evaluate = functions[call.name];
    if (evaluate) return evaluate(call.argument, scope);
    scope.warn(`the intrinsic function ${call.name} is not supported locally`);
    return undefined;
  }
  const resolved: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const result = resolveIntrinsics(item, scope);
    if (result !== undefined) resolved[key] = result;
  }
  return resolved;
}

/** Whether the condition of that name (of the template's `Conditions`) holds. */
export function conditionHolds(name: string, scope: IntrinsicScope): boolean {
  if (!(name in scope.conditions)) {
    scope.warn(`the condition ${name} is not declared; it is taken as false`);
    return false;
  }
  return evaluateCondition(scope.conditions[name], scope);
}

/** The logical ids that a value refers to (for the order of creation). */
export function referencedIds(value: unknown): Set<string> {
  const found = new Set<string>();
  collectReferences(value, found);
  return found;
}

function ref(name: string, scope: IntrinsicScope): unknown {
  switch (name) {
    case 'AWS::Region':
      return scope.region;
    case 'AWS::AccountId':
      return scope.accountId;
    case 'AWS::Partition':
      return 'aws';
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    case 'AWS::StackName':
      return scope.stackName;
    case 'AWS::StackId':
      return `arn:aws:cloudformation:${scope.region}:${scope.accountId}:stack/${scope.stackName}/local`;
    case 'AWS::NotificationARNs':
      return [];
    case 'AWS::NoValue':
      return undefined;
  }
  const value = scope.ref(name);
  if (value === undefined) scope.warn(`Ref ${name}: there is no such resource in this service`);
  return value;
}

function getAttribute(argument: unknown, scope: IntrinsicScope): unknown {
  const [logicalId, name] = attributePath(argument);
  const value = scope.attribute(logicalId, name);
  if (value === undefined) {
    scope.warn(`Fn::GetAtt ${logicalId}.${name}: no such resource or attribute locally`);
  }
  return value;
}

function attributePath(argument: unknown): [string, string] {
  if (Array.isArray(argument))
    return [String(argument[0]), argument.slice(1).map(String).join('.')];
  const text = String(argument);
  const dot = text.indexOf('.');
  return dot < 0 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)];
}

const placeholder = /\$\{(!?)([^}]*)\}/g;

function substitute(argument: unknown, scope: IntrinsicScope): unknown {
  const [template, given] = Array.isArray(argument) ? argument : [argument, {}];
  const variables = isRecord(given) ? given : {};
  let complete = true;
  const text = String(template).replace(placeholder, (_match, literal: string, rawName: string) => {
    // `${!Name}` is how a template writes a literal `${Name}`.
    if (literal) return `\${${rawName}}`;
    const name = rawName.trim();
    const value =
      name in variables
        ? resolveIntrinsics(variables[name], scope)
        : name.includes('.')
          ? getAttribute(name, scope)
          : ref(name, scope);
    if (value === undefined) complete = false;
    return String(value);
  });
  return complete ? text : undefined;
}

function join(argument: unknown, scope: IntrinsicScope): unknown {
  if (!Array.isArray(argument)) return malformed('Fn::Join', scope);
  const list = resolveIntrinsics(argument[1], scope);
  if (!Array.isArray(list)) return malformed('Fn::Join', scope);
  const dropped = Array.isArray(argument[1]) && list.length < argument[1].length;
  return dropped ? undefined : list.map(String).join(String(argument[0]));
}

function select(argument: unknown, scope: IntrinsicScope): unknown {
  if (!Array.isArray(argument)) return malformed('Fn::Select', scope);
  const list = resolveIntrinsics(argument[1], scope);
  const index = Number(resolveIntrinsics(argument[0], scope));
  if (!Array.isArray(list) || !(index in list)) return malformed('Fn::Select', scope);
  return list[index];
}

function split(argument: unknown, scope: IntrinsicScope): unknown {
  if (!Array.isArray(argument)) return malformed('Fn::Split', scope);
  const text = resolveIntrinsics(argument[1], scope);
  return text === undefined ? undefined : String(text).split(String(argument[0]));
}

function ifElse(argument: unknown, scope: IntrinsicScope): unknown {
  if (!Array.isArray(argument)) return malformed('Fn::If', scope);
  const [name, whenTrue, whenFalse] = argument;
  return resolveIntrinsics(conditionHolds(String(name), scope) ? whenTrue : whenFalse, scope);
}

function findInMap(argument: unknown, scope: IntrinsicScope): unknown {
  const path = resolveIntrinsics(argument, scope);
  if (!Array.isArray(path)) return malformed('Fn::FindInMap', scope);
  let value: unknown = scope.mappings;
  for (const key of path) value = isRecord(value) ? value[String(key)] : undefined;
  if (value === undefined) scope.warn(`Fn::FindInMap ${path.join('.')}: no such entry`);
  return value;
}

function importValue(argument: unknown, scope: IntrinsicScope): unknown {
  const name = resolveIntrinsics(argument, scope);
  if (name === undefined) return undefined;
  const value = scope.importValue(String(name));
  if (value === undefined) {
    scope.warn(
      `Fn::ImportValue ${String(name)}: no service that has run here exports it; start the service whose Outputs declare that export, then this one again`,
    );
  }
  return value;
}

function testCondition(_argument: unknown, scope: IntrinsicScope): unknown {
  scope.warn('condition functions are understood only under Conditions and in Fn::If');
  return undefined;
}

function evaluateCondition(expression: unknown, scope: IntrinsicScope): boolean {
  const call = isRecord(expression) ? asCall(expression) : undefined;
  const operands = Array.isArray(call?.argument) ? call.argument : [];
  switch (call?.name) {
    case 'Condition':
      return conditionHolds(String(call.argument), scope);
    case 'Fn::Equals': {
      const [left, right] = operands.map((operand) => resolveIntrinsics(operand, scope));
      return JSON.stringify(left) === JSON.stringify(right);
    }
    case 'Fn::And':
      return operands.every((operand) => evaluateCondition(operand, scope));
    case 'Fn::Or':
      return operands.some((operand) => evaluateCondition(operand, scope));
    case 'Fn::Not':
      return !evaluateCondition(operands[0], scope);
    default:
      scope.warn('a condition is not understood; it is taken as false');
      return false;
  }
}

function malformed(name: string, scope: IntrinsicScope): undefined {
  scope.warn(`${name}: malformed, or a value in it is not known locally`);
  return undefined;
}

function asCall(value: Record<string, unknown>): { name: string; argument: unknown } | undefined {
  const [name, ...others] = Object.keys(value);
  if (name === undefined || others.length > 0) return undefined;
  const isFunction = name === 'Ref' || name === 'Condition' || name.startsWith('Fn::');
  if (!isFunction) return undefined;
  // IAM statements have a `Condition` block too: only a name is CloudFormation's.
  if (name === 'Condition' && typeof value[name] !== 'string') return undefined;
  return { name, argument: value[name] };
}

function collectReferences(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collectReferences(item, found);
    return;
  }
  if (!isRecord(value)) return;
  const call = asCall(value);
  if (call?.name === 'Ref') found.add(String(call.argument));
  else if (call?.name === 'Fn::GetAtt') found.add(attributePath(call.argument)[0]);
  else if (call?.name === 'Fn::Sub') collectSubstitutions(call.argument, found);
  for (const item of Object.values(value)) collectReferences(item, found);
}

function collectSubstitutions(argument: unknown, found: Set<string>): void {
  const template = String(Array.isArray(argument) ? argument[0] : argument);
  for (const [, literal, name] of template.matchAll(placeholder)) {
    if (!literal && name) found.add(attributePath(name.trim())[0]);
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
