import { logKind } from '../domain/processors/log/kind.ts';
import { logProcessor } from '../domain/processors/log/processor.ts';
import { workHandler } from './work-handler.ts';

export const handler = workHandler(
  logKind,
  logProcessor({ anonymise: process.env.KEEP_ADDRESSES !== 'yes' }),
);
