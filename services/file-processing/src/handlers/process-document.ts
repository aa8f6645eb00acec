import { documentKind } from '../domain/processors/document/kind.ts';
import { documentProcessor } from '../domain/processors/document/processor.ts';
import { workHandler } from './work-handler.ts';

export const handler = workHandler(documentKind, documentProcessor);
