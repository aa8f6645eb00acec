export { createTriggerRunner, type LocalTriggerRunner } from './runner.ts';
