/**
 * `npm run demo [-- folder] [--json]`: sends sample input through the running stack, or through one
 * that it starts and stops itself. Exits 0 only when every result is exactly right.
 */
import { readDemoArguments } from '@millrace/operations/demo-arguments';
import { runOperation } from './run-operation.ts';

const args = process.argv.slice(2);
await runOperation('demo', args, {
  wantsStack: () => !readDemoArguments(args).help,
  usage: 'npm run demo [-- folder]',
});
