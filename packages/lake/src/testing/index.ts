export * from './lake-store-contract.ts';
export * from './memory-lake-objects.ts';
export * from './query-lake.ts';
export * from './read-table.ts';
