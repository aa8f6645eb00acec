/** Gathers text up to a limit of UTF-16 code units, and tells what was left out. */
export class TextCollector {
  readonly #limit: number;
  #text = '';
  #hasOverflowed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get text(): string {
    return this.#text;
  }

  /** From here on nothing more is taken. */
  get hasOverflowed(): boolean {
    return this.#hasOverflowed;
  }

  get isAtLineStart(): boolean {
    return this.#text === '' || this.#text.endsWith('\n');
  }

  add(text: string): void {
    const room = this.#limit - this.#text.length;
    if (text.length <= room) {
      this.#text += text;
      return;
    }
    this.#hasOverflowed = true;
    this.#text += text.slice(0, room).replace(/[\ud800-\udbff]$/, '');
  }

  /** Ends the line, where there is one. */
  breakLine(): void {
    if (!this.isAtLineStart) this.add('\n');
  }
}
