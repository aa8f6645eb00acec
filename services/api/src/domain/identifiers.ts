import { derivedId } from '@millrace/types';

/** What a request makes has this id, each time that the request comes. */
export const idOfRequest = (...parts: readonly string[]): string =>
  derivedId('request', JSON.stringify(parts));
