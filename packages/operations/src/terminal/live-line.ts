/** Where progress is told: a terminal, or a log. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Something that goes on for long: one line that draws over itself, or in a log one now and then. */
export interface LiveLine {
  show(text: string): void;
  /** Above the line, once and for good. */
  say(text: string): void;
  end(): void;
}

const LOG_INTERVAL_MS = 10_000;

export function createLiveLine(stream: ProgressStream): LiveLine {
  let shown = '';
  let loggedAt = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (stream.isTTY && shown !== '') stream.write('\r\u001b[K');
  };
  return {
    show(text) {
      if (text === shown) return;
      if (stream.isTTY) {
        stream.write(`\r\u001b[K${text}`);
        shown = text;
      } else if (performance.now() - loggedAt >= LOG_INTERVAL_MS) {
        loggedAt = performance.now();
        shown = text;
        stream.write(`${text}\n`);
      }
    },
    say(text) {
      clear();
      stream.write(`· ${text}\n`);
      if (stream.isTTY) stream.write(shown);
    },
    end() {
      clear();
      shown = '';
    },
  };
}
