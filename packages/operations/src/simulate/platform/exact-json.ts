/** Of JSON whose numbers of this name are sums: they stay the digits that they are written with. */
export function parseExact<T>(text: string, name: string): T {
  const exact = (key: string, value: unknown, context?: { source?: string }) =>
    key === name && typeof value === 'number' ? (context?.source ?? value) : value;
  return JSON.parse(text, exact);
}
