/**
 * Runs a program and ends as it ends. Its own standard input is a pipe that nothing is written to:
 * when that closes, whoever started it is gone, and its whole process group ends too.
 */
import { spawn } from 'node:child_process';

const [program = '', ...args] = process.argv.slice(2);
// Nothing to read for the program: what asks questions must fail instead of waiting for answers.
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.on('error', (error) => {
  console.error(`${program} cannot be run: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code) => process.exit(code ?? 1));
process.stdin.on('close', () => process.kill(0, 'SIGKILL')).resume();
