export type Scalar = string | number | boolean | null;

/** What a rule may need besides the value. */
export interface RuleContext {
  /** Of the field in its object: what a property is called. */
  readonly name: string;
  /** The same for the same text of the same tenant; nobody without the key gets back from it. */
  readonly pseudonym: (text: string) => string;
}

/** Makes something else of one value. A value that is right stays the very same. */
export interface Rule {
  /** Snake case; what its changes are counted by. */
  readonly name: string;
  readonly apply: (value: Scalar, context: RuleContext) => Scalar;
}

/** A rule about texts; other values stay. */
export function textRule(
  name: string,
  apply: (text: string, context: RuleContext) => string,
): Rule {
  return {
    name,
    apply: (value, context) => (typeof value === 'string' ? apply(value, context) : value),
  };
}
