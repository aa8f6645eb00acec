import type { DeadLetter, DeadLetterStore } from '../dead-letters/dead-letter-store.ts';

/** Dead letters in memory, held to the same contract tests as the table. */
export function memoryDeadLetters(): DeadLetterStore & { all(): readonly DeadLetter[] } {
  const letters = new Map<string, DeadLetter>();
  return {
    async addOnce(letter) {
      const key = JSON.stringify([letter.source, letter.id]);
      if (!letters.has(key)) letters.set(key, letter);
    },
    all: () => [...letters.values()],
  };
}
