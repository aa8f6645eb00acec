import type { Pipeline } from '../pipeline.ts';
import { devices } from './devices.ts';
import { documents } from './documents.ts';
import { files } from './files.ts';
import { orders } from './orders.ts';

/** Every pipeline by its table. */
export const pipelines: Readonly<Record<string, Pipeline>> = {
  ...{ files, orders, documents, devices },
};
