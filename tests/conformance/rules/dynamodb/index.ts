import type { Rule } from '../../rule.ts';
import { streamRules } from './streams.ts';

export const dynamodbRules: readonly Rule[] = [...streamRules];
