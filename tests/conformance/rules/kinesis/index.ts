import type { Rule } from '../../rule.ts';
import { reading } from './reading.ts';
import { resharding } from './resharding.ts';
import { writing } from './writing.ts';

export const kinesis: readonly Rule[] = [...writing, ...reading, ...resharding];
