import type { Dataset } from '../src/domain/processors/table/dataset.ts';
import { sales } from './sales.ts';

/** In the order in which a file is held against them. */
export const datasets: readonly Dataset[] = [sales];
