import { ContentError } from '../../content/content-error.ts';
import type { Extract } from './extraction.ts';

/** The stream that holds an encrypted DOCX (MS-OFFCRYPTO 2.3.4.4), as its directory names it. */
const ENCRYPTED_PACKAGE = Buffer.from('EncryptedPackage', 'utf16le');

/** Nothing reads these files here; the sender learns what to do. */
export const extractCompoundFile: Extract = (bytes) => {
  if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(ENCRYPTED_PACKAGE)) {
    throw new ContentError(
      'encrypted_document',
      'The document asks for a password. Save it without one and upload it again.',
    );
  }
  throw new ContentError(
    'legacy_office_format',
    'The format of Office 97 to 2003 is not read. Save the document as DOCX or PDF.',
  );
};
