/** `npm run conformance [-- options]`: what AWS documents, asked of Millrace and of others. */
import { runConformance } from '../tests/conformance/command-line.ts';
import { errorLine } from './terminal.ts';

runConformance(process.argv.slice(2)).then(
  // Whatever a stopped implementation left open must not hold the process.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(errorLine(error));
    process.exit(2);
  },
);
