/**
 * The Serverless Framework plugin; list it in `plugins:` after serverless-esbuild and before
 * serverless-offline. Its import graph is small on purpose: `sls package` loads it too.
 */
export { LocalCloudPlugin as default } from './plugin/plugin.ts';
