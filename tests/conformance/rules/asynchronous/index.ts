import type { Rule } from '../../rule.ts';
import { destinationRules } from './destinations.ts';
import { requestRules } from './requests.ts';
import { retryRules } from './retries.ts';

export const asynchronousRules: readonly Rule[] = [
  ...requestRules,
  ...retryRules,
  ...destinationRules,
];
