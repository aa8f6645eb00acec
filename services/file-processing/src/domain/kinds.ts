import type { Kind } from './kind.ts';
import { documentKind } from './processors/document/kind.ts';
import { imageKind } from './processors/image/kind.ts';
import { logKind } from './processors/log/kind.ts';
import { mediaKind } from './processors/media/kind.ts';
import { tableKind } from './processors/table/kind.ts';

/**
 * All kinds, in the order in which they are asked: what has a signature first, then text from the
 * strictest form to the loosest.
 */
export const kinds: readonly Kind[] = [imageKind, mediaKind, logKind, tableKind, documentKind];
