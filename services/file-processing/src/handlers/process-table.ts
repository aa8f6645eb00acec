import { datasets } from '../../datasets/index.ts';
import { tableKind } from '../domain/processors/table/kind.ts';
import { tableProcessor } from '../domain/processors/table/processor.ts';
import { workHandler } from './work-handler.ts';

export const handler = workHandler(tableKind, tableProcessor({ datasets }));
