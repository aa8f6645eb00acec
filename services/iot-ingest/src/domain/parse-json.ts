/** JSON in UTF-8, or undefined for anything else that a device may send. */
export function parseJson(payload: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) };
  } catch {
    // Both decoders throw for what a device may send; what they say quotes the payload.
    return undefined;
  }
}
