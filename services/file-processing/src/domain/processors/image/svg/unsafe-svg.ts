/** Why an SVG is not drawn, in words for its sender. */
export class UnsafeSvg extends Error {
  override readonly name = 'UnsafeSvg';
}

/** The text is no XML. */
export class MalformedSvg extends Error {
  override readonly name = 'MalformedSvg';
}
