import { imageProcessor } from './image/image-processor.ts';
import type { Processor } from './processor.ts';

export const processors: readonly Processor[] = [imageProcessor];
