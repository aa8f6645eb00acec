/**
 * `npm test`: unit and integration tests, then the browser, the journeys, AWS's rules and the fault
 * plans, which start whole stacks and so run by themselves. `npm test -- <vitest arguments>` narrows
 * them (`npm test -- services/etl`).
 */
import { addCounts, closingLine, runTests } from './test-run.ts';

const args = process.argv.slice(2);
const counts = addCounts(
  await runTests(['unit', 'integration'], ['--passWithNoTests', ...args]),
  await runTests(['browser', 'journeys'], ['--passWithNoTests', ...args]),
  await runTests(['conformance'], ['--passWithNoTests', ...args]),
  await runTests(['faults', 'soak'], ['--passWithNoTests', ...args]),
);
console.log(`\n${closingLine(counts)}`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
