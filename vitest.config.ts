import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** One folder of tests per package and service; what needs a running stack lies in `integration/`. */
const shared = {
  pool: 'forks' as const,
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // Vitest leaves one processor out; of two that would be half, and stacks wait more than they work.
  maxWorkers: Math.max(2, availableParallelism() - 1),
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['{packages,services}/*/tests/**/*.test.ts', 'tests/repository/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/tests/integration/**', '**/tests/browser/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          // Some kill their stack and start it again, beside another file's.
          testTimeout: 180_000,
          hookTimeout: 240_000,
          include: [
            '{packages,services}/*/tests/integration/**/*.test.ts',
            'benchmarks/tests/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'browser',
          include: ['{packages,services}/*/tests/browser/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 120_000,
        },
      },
      // Two clouds for all rules, and many rules at once on the first.
      {
        test: {
          ...shared,
          name: 'conformance',
          include: ['tests/conformance/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          maxConcurrency: 8,
          testTimeout: 180_000,
        },
      },
      // Each starts whole stacks or packages whole services: one file at a time.
      ...['journeys', 'faults', 'soak', 'templates', 'rehearsal'].map((name) => ({
        test: {
          ...shared,
          name,
          include: [`tests/${name}/**/*.test.ts`],
          exclude: ['**/node_modules/**'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      })),
    ],
  },
});
