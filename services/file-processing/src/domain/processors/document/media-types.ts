export const PDF = 'application/pdf';
export const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
export const HTML = 'text/html';
export const MARKDOWN = 'text/markdown';
export const PLAIN_TEXT = 'text/plain';
/** The compound files of Office until 2003; an encrypted DOCX is one, too. */
export const COMPOUND_FILE = 'application/x-cfb';
