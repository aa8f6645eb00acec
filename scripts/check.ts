/** `npm run check`: format, lint, types, borders between folders, dead code. Ends with a count. */
import { closingLine, run } from './test-run.ts';

const CHECKS: readonly (readonly [name: string, program: string, args: readonly string[]])[] = [
  ['format and lint', 'biome', ['ci', '.']],
  ['types', 'tsc', ['--noEmit', '--project', 'tsconfig.json']],
  // What runs in a browser knows no Node, and the other way round.
  ['types of the page', 'tsc', ['--noEmit', '--project', 'packages/local-cloud/src/page/browser']],
  ['borders between folders', 'depcruise', ['packages', 'services']],
  ['dead code', 'knip', []],
];

let failed = 0;
for (const [name, program, args] of CHECKS) {
  console.log(`\n— ${name}`);
  if ((await run(program, args)) !== 0) failed += 1;
}
console.log(`\n${closingLine({ passed: CHECKS.length - failed, failed, skipped: 0 })}`);
process.exitCode = failed > 0 ? 1 : 0;
