import { systemClock } from '../../src/clock.ts';
import { createFunctionRegistry } from '../../src/lambda/function-registry.ts';
import { createInvoker } from '../../src/lambda/invoker.ts';
import { openState } from '../../src/state.ts';
import { createTriggerRunner } from '../../src/triggers/runner.ts';
import { kinesisLogAt } from './kinesis-server.ts';
import { functionDefinition, streamTrigger } from './rig.ts';

// A cloud process that a test can kill: node runner-process.ts <stateDir> <kinesisUrl> <lambdaUrl>
const [stateDir = '', kinesisUrl = '', lambdaUrl = ''] = process.argv.slice(2);
const registry = createFunctionRegistry();
registry.define('test', [functionDefinition()]);
registry.setEndpoint('test', lambdaUrl);
const unused = async () => {
  throw new Error('not part of this process');
};
createTriggerRunner({
  state: openState(stateDir),
  clock: systemClock,
  registry,
  invoker: createInvoker({ registry, clock: systemClock }),
  async: { enqueue: () => ({ requestId: '' }) },
  sink: { send: unused },
  log: { info: () => undefined, warn: () => undefined },
  endpoints: { edgeUrl: 'http://127.0.0.1:1' },
  kinesis: kinesisLogAt(kinesisUrl),
}).apply('test', [streamTrigger({ batchSize: 3 })]);
