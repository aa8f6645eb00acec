/**
 * A pattern of a log line: text as it is, where `*` stands for anything, line breaks included.
 * `GET /health*`: begins with; `*timed out*`: holds; without `*`: is. There is nothing else to it, so
 * that no line, however hostile, takes longer than one pass over it for each piece of the pattern.
 */
export type Pattern = (line: string) => boolean;

export function pattern(source: string): Pattern {
  const [first = '', ...rest] = source.split('*');
  const last = rest.pop();
  if (last === undefined) return (line) => line === source;
  const middle = rest.filter((piece) => piece !== '');
  return (line) => {
    if (!line.startsWith(first)) return false;
    let at = first.length;
    // The first place is as good as any: what is left of the line after it only gets shorter.
    for (const piece of middle) {
      const found = line.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return line.length - last.length >= at && line.endsWith(last);
  };
}
