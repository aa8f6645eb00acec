import { ContentError } from '../../content/content-error.ts';

export function tooComplex(): ContentError {
  return new ContentError(
    'document_too_complex',
    'The document takes more time or memory to read than there is. Split it, or print it to PDF anew.',
  );
}
