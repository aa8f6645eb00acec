import type { AnyPipeline } from '../domain/engine/pipeline.ts';
import { metrics } from './metrics/pipeline.ts';

/** What `countEvents` does with the stream, side by side, each exactly once by itself. */
export const PIPELINES: readonly AnyPipeline[] = [metrics];
