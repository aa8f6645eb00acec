import type { Rule } from '../../rule.ts';
import { mappingRules } from './mapping.ts';
import { partialResponseRules } from './partial-responses.ts';

export const sqsRules: readonly Rule[] = [...mappingRules, ...partialResponseRules];
