export type { AwsEndpoints } from './aws-clients.ts';
export {
  createTriggerRunner,
  type LocalTriggerRunner,
  type TriggerRunnerOptions,
} from './runner.ts';
export { triggerWarnings } from './warnings.ts';
