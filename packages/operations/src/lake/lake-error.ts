/** The lake cannot be reached, or holds more than there is room for. */
export class LakeUnreachableError extends Error {
  readonly code = 'LAKE_UNREACHABLE';
}

/** The files that a question reads do not fit into the cache. */
export class LakeCacheError extends Error {
  readonly code = 'LAKE_CACHE_TOO_SMALL';
}

/** The database refuses the question, or fails on it. */
export class LakeQueryError extends Error {
  readonly code = 'LAKE_QUERY_FAILED';
}
