import { type MappingStatus, shortFunctionName } from '@millrace/local-cloud/status';

/** Mappings whose function's full or short name matches the pattern (`*` and `?`), in any case. */
export function selectMappings(
  mappings: readonly MappingStatus[],
  pattern: string | undefined,
): MappingStatus[] {
  if (pattern === undefined) return [...mappings];
  const expression = globExpression(pattern);
  return mappings.filter(
    ({ functionName, service }) =>
      expression.test(functionName) || expression.test(shortFunctionName(functionName, service)),
  );
}

function globExpression(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i');
}
