/** The command was called in a way that it does not understand: exit code 2. */
export class UsageError extends Error {
  readonly code = 'USAGE';
}

/** Also what `parseArgs` of node:util throws. */
export function isUsageError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'USAGE' || (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS'));
}
