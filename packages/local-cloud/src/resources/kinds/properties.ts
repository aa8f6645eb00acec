import { isRecord } from '../intrinsics.ts';
import type { Properties } from './kind.ts';

/** Reading resolved template properties, where everything may be absent or a string. */

export function text(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  return value === undefined || value === null ? undefined : String(value);
}

export function number(properties: Properties, name: string): number | undefined {
  const value = properties[name];
  if (value === undefined || value === null || value === '') return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** YAML and CloudFormation both write booleans as text too. */
export function flag(properties: Properties, name: string, fallback: boolean): boolean {
  const value = properties[name];
  if (value === undefined || value === null) return fallback;
  return value === true || value === 'true';
}

export function record(properties: Properties, name: string): Properties | undefined {
  const value = properties[name];
  return isRecord(value) ? value : undefined;
}

export function records(properties: Properties, name: string): readonly Properties[] {
  const value = properties[name];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function texts(properties: Properties, name: string): readonly string[] {
  const value = properties[name];
  return Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];
}
