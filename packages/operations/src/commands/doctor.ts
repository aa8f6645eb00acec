import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { portsFromEnvironment } from '@millrace/local-cloud/addresses';
import { choosePorts, problemsBeforeStart, serviceFolders } from '@millrace/local-cloud/stack';
import { localTargets } from '../demo/targets.ts';
import { type Finding, good, wrong } from '../doctor/finding.ts';
import { findingsTable } from '../doctor/findings-table.ts';
import { lookAtDeployment } from '../doctor/look-at-deployment.ts';
import { lookAtMachine, thisMachine } from '../doctor/look-at-machine.ts';
import { lookAtStack } from '../doctor/look-at-stack.ts';
import { CloudUnreachableError, readStatus } from '../mappings/read-status.ts';
import { UsageError } from '../usage-error.ts';

const HELP = `millrace doctor [options]

What is wrong with this set-up, and how to mend it: the machine, the local cloud where it runs, and
otherwise what would keep it from starting. It mends nothing by itself.

  --stage <name>  looks at a stage that was deployed to AWS instead, with your own credentials
  --json          print the findings as JSON

Exit code 0: nothing is wrong. 1: something is. 2: wrong usage.`;

const ROOT = join(import.meta.dirname, '../../../..');

/** @returns the exit code. */
export async function doctor(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      stage: { type: 'string', default: 'local' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const { stage } = values;
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(stage)) {
    throw new UsageError(`--stage takes the name of a stage, not "${stage}".`);
  }
  const findings = stage === 'local' ? await lookHere() : await lookAt(stage);
  console.log(values.json ? JSON.stringify(findings, null, 2) : findingsTable(findings));
  return findings.some(({ level }) => level === 'wrong') ? 1 : 0;
}

async function lookHere(): Promise<Finding[]> {
  const machine = lookAtMachine(thisMachine(ROOT));
  try {
    return [...machine, ...lookAtStack(await readStatus(localTargets().edgeUrl))];
  } catch (error) {
    if (!(error instanceof CloudUnreachableError)) throw error;
    return [...machine, ...(await lookBeforeStart())];
  }
}

async function lookBeforeStart(): Promise<Finding[]> {
  const stateDir = process.env.MILLRACE_STATE_DIR ?? join(ROOT, '.local');
  const findings: Finding[] = [];
  const ports = await choosePorts(portsFromEnvironment(process.env));
  for await (const { code, message } of problemsBeforeStart(stateDir, ports)) {
    // Of one sentence: what is the matter, a colon, and what to do.
    const [what = message, remedy = ''] = message.split(/: (?=[a-z])/);
    findings.push(wrong(code, what, `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}`));
  }
  if (findings.length > 0) return findings;
  return [
    good('startable', 'No local cloud runs, and npm start finds its folder and its ports free'),
  ];
}

async function lookAt(stage: string): Promise<Finding[]> {
  const lambda = new LambdaClient();
  const sqs = new SQSClient();
  try {
    return await lookAtDeployment({ lambda, sqs, stage, services: serviceFolders(ROOT) });
  } finally {
    lambda.destroy();
    sqs.destroy();
  }
}
