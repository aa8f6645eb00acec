import type { Rule } from '../../rule.ts';
import { batching } from './batching.ts';
import { bisecting } from './bisecting.ts';
import { destinations } from './destinations.ts';
import { durability } from './durability.ts';
import { filters } from './filters.ts';
import { limits } from './limits.ts';
import { order } from './order.ts';
import { partialResponses } from './partial-responses.ts';
import { positions } from './positions.ts';
import { resharding } from './resharding.ts';
import { retries } from './retries.ts';
import { windows } from './windows.ts';

export const eventSourceMappings: readonly Rule[] = [
  ...batching,
  ...order,
  ...partialResponses,
  ...retries,
  ...bisecting,
  ...destinations,
  ...windows,
  ...filters,
  ...positions,
  ...resharding,
  ...durability,
  ...limits,
];
