/** Closes parts in the opposite order of their start. */
export interface CloseStack {
  add<T extends { close(): unknown }>(part: T): T;
  /** Closes everything; one that fails does not keep the others open. Rejects with its error. */
  close(): Promise<void>;
}

export function createCloseStack(): CloseStack {
  const parts: { close(): unknown }[] = [];
  return {
    add(part) {
      parts.push(part);
      return part;
    },
    async close() {
      const failures: unknown[] = [];
      for (let part = parts.pop(); part; part = parts.pop()) {
        try {
          await part.close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
