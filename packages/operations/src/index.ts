export { createApiClient } from './demo/api-client.ts';
export { type DemoReport, formatTable, type Outcome } from './demo/report.ts';
export { type DemoOptions, runDemo } from './demo/run-demo.ts';
export { signIn } from './demo/sign-in.ts';
export { edgeClientOptions, localTargets, type Targets } from './demo/targets.ts';
