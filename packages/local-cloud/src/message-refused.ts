/**
 * A queue or topic would refuse this message every time: it is larger than they take, or holds what
 * they do not take. To try it again is in vain.
 */
export class MessageRefusedError extends Error {
  override readonly name = 'MessageRefusedError';
}
