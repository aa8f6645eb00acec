/** Starts the fixture's stack and holds it until it is killed; prints where the cloud and the state are. */
import { startFixture } from './fixture-stack.ts';

const [stateDir = ''] = process.argv.slice(2);
const stack = await startFixture({ stateDir });
console.log(JSON.stringify({ edgeUrl: stack.edgeUrl }));
setInterval(() => {}, 60_000);
