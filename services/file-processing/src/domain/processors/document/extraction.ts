/** What a document says, before anything is tidied. */
export interface Extraction {
  readonly format: 'pdf' | 'docx' | 'html' | 'markdown' | 'text';
  readonly text: string;
  readonly title?: string | undefined;
  /** A language tag (BCP 47), as the author declared it. */
  readonly declaredLanguage?: string | undefined;
  readonly pages?: number | undefined;
  /** The text is not all of it: the limit was reached, or pages are damaged. */
  readonly isPartial: boolean;
}

export interface ExtractionLimits {
  /** UTF-16 code units of text that are taken; the rest is left out. */
  readonly characters: number;
  /** Pages of a PDF that are read; the rest is left out. */
  readonly pages: number;
}

/** The words of a book of 2,000 full pages. */
export const EXTRACTION_LIMITS: ExtractionLimits = { characters: 5_000_000, pages: 5_000 };

/**
 * Reads one format. The same bytes give the same answer.
 *
 * @throws ContentError for what is wrong with the content; any other error is taken for damage
 */
export type Extract = (
  bytes: Uint8Array,
  limits: ExtractionLimits,
  /** 0 to 100. */
  onProgress: (percent: number) => void,
) => Extraction | Promise<Extraction>;
