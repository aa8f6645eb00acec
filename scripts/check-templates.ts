/** `npm run check:templates`: packages every service and holds its template against the house rules. */
import { closingLine, runTests } from './test-run.ts';

const counts = await runTests(['templates'], process.argv.slice(2));
console.log(`\n${closingLine(counts)}`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
