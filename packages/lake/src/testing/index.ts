export * from './memory-lake-objects.ts';
export * from './query-lake.ts';
