/** Where the triggers tell the developer what they do. Lines hold ids and counts, never payloads. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
}
