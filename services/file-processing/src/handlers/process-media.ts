import { mediaAdapters } from '../adapters/media-adapters.ts';
import { mediaConfig } from '../config.ts';
import { mediaKind } from '../domain/processors/media/kind.ts';
import { mediaProcessor } from '../domain/processors/media/processor.ts';
import { workHandler } from './work-handler.ts';

export const handler = workHandler(mediaKind, mediaProcessor(mediaAdapters(mediaConfig())));
