/**
 * `npm run simulate [-- --devices 1000 --rate 1 --minutes 2 --seed 7]`: a fleet of devices on the
 * running stack, or on one that it starts and stops itself. Exits 0 only when every total is exactly
 * right.
 */
import { readSimulateArguments } from '@millrace/operations/simulate-arguments';
import { runOperation } from './run-operation.ts';

const args = process.argv.slice(2);
await runOperation('simulate', args, {
  wantsStack: () => !readSimulateArguments(args).help,
  usage: 'npm run simulate [-- options]',
});
