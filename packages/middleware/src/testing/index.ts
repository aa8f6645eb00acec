export * from './context.ts';
export * from './memory-dead-letters.ts';
