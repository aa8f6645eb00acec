import { labelOfName, PERSONAL } from './mask.ts';
import { type Rule, type RuleContext, textRule } from './rule.ts';

const LOGIN = /^([a-z][a-z0-9+.-]*:)?\/\/[^/?#]*@/i;

/**
 * Login, parameters that are secret or personal by name, and personal data in path and parameters of
 * an address. What is right stays as it is written.
 */
export const WEB_ADDRESS: Rule = textRule('mask_web_address', (text, context) => {
  const [, scheme = ''] = LOGIN.exec(text) ?? [];
  const address = text.replace(LOGIN, `${scheme}//`);
  const start = /[?#]/.exec(address)?.index ?? address.length;
  const path = maskPart(address.slice(0, start), context);
  const rest = address.slice(start).replace(/[^?#&;]+/g, (pair) => maskPair(pair, context));
  return path + rest;
});

function maskPair(pair: string, context: RuleContext): string {
  const equals = pair.indexOf('=');
  if (equals < 0) return maskPart(pair, context);
  const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
  const label = value === '' ? undefined : labelOfName(decoded(name));
  return `${maskPart(name, context)}=${label ?? maskPart(value, context)}`;
}

function maskPart(part: string, context: RuleContext): string {
  const text = decoded(part);
  const masked = PERSONAL.reduce((value, { apply }) => String(apply(value, context)), text);
  if (masked === text) return part;
  return encodeURIComponent(masked)
    .replaceAll('%5B', '[')
    .replaceAll('%5D', ']')
    .replaceAll('%2F', '/')
    .replaceAll('%3A', ':');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '));
  } catch {
    return part;
  }
}
