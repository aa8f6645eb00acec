import type { AnyPipeline } from '../domain/engine/pipeline.ts';
import { funnels } from './activity/funnels.ts';
import { properties } from './activity/properties.ts';
import { retention } from './activity/retention.ts';
import { cleansing } from './cleansing/pipeline.ts';
import { clicks } from './clicks/pipeline.ts';
import { logs } from './logs/pipeline.ts';
import { metrics } from './metrics/pipeline.ts';
import { posts } from './posts/pipeline.ts';
import { telemetry } from './telemetry/pipeline.ts';

/** What `countEvents` does with the stream, side by side, each exactly once by itself. */
export const PIPELINES: readonly AnyPipeline[] = [
  metrics,
  properties,
  funnels,
  retention,
  clicks,
  cleansing,
  logs,
  posts,
  telemetry,
];
