import { imageKind } from '../domain/processors/image/kind.ts';
import { imageProcessor } from '../domain/processors/image/processor.ts';
import { workHandler } from './work-handler.ts';

export const handler = workHandler(
  imageKind,
  imageProcessor({ keepPlace: process.env.KEEP_PLACES === 'yes' }),
);
