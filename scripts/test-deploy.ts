/**
 * `npm run test:deploy`: deploys every service with compose into MiniStack on a free port, lets each
 * trigger fire there, and takes everything down again. Needs `scripts/install-tools.sh`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { closingLine, runTests } from './test-run.ts';

const miniStack = join(import.meta.dirname, '../.tools/python/bin/ministack');
if (!existsSync(miniStack)) {
  console.error(
    'millrace: MiniStack is not installed: run "bash scripts/install-tools.sh" once. [TOOL_MISSING]',
  );
  process.exit(1);
}
const counts = await runTests(['rehearsal'], process.argv.slice(2));
console.log(`\n${closingLine(counts)}`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
