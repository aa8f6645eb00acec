/**
 * `node scripts/bootstrap.mjs <verb> [arguments]`: what every npm verb calls. Runs on whatever Node the
 * person has, so this file keeps to syntax that even Node 12 reads; all else is in `bootstrap-run.mjs`.
 */
const required = 20;
const installed = Number(process.versions.node.split('.')[0]);

if (installed < required) {
  process.stderr.write(
    `millrace: Node ${required} or newer is needed to start, this is ${process.version}: install it from https://nodejs.org. [NODE_TOO_OLD]\n`,
  );
  process.exitCode = 1;
} else {
  import('./bootstrap-run.mjs').then((bootstrap) => bootstrap.main(process.argv.slice(2)));
}
