import type { Kind } from './kind.ts';
import { imageKind } from './processors/image/kind.ts';

/**
 * All kinds, in the order in which they are asked: what has a signature first, then text from the
 * strictest form to the loosest.
 */
export const kinds: readonly Kind[] = [imageKind];
