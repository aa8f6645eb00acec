import { LAKE_STORE_CONTRACT, memoryLakeObjects } from '@millrace/lake/testing';
import { describe, it } from 'vitest';

describe('objects in memory', () => {
  it.each(LAKE_STORE_CONTRACT)('$name', ({ holds }) => holds(memoryLakeObjects().objects, 'a/'));
});
