import { functionHandler } from '@millrace/middleware';
import { adapters } from '../adapters/index.ts';
import { removals } from '../adapters/s3-notification.ts';
import { config } from '../config.ts';
import { removeDerived } from '../domain/remove-derived.ts';
import { eachChange } from './each-change.ts';

const ports = adapters(config());

export const handler = functionHandler<unknown, void>((event, invocation) =>
  eachChange(removals(event), invocation, async (removal) => {
    await removeDerived(removal, ports);
    return 'removed';
  }),
);
