import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, openAccount } from './account.ts';
import { compose, forgetDeployment } from './compose.ts';
import { DEVIATIONS } from './deviations.ts';
import { STAGE } from './environment.ts';
import { httpApi } from './http-api.ts';
import { knownDeviations } from './known-deviations.ts';
import { type MiniStack, startMiniStack } from './mini-stack.ts';
import { startTemplateFront } from './template-front.ts';
import { triggers } from './triggers.ts';
import { wellBeing } from './well-being.ts';

const SERVICES = ['api', 'etl', 'file-processing', 'iot-ingest', 'stream-analytics'];
/** Several times what it takes on two cores. */
const DEPLOY_MS = 300_000;
const REMOVE_MS = 150_000;

describe('all services, deployed by compose into MiniStack', () => {
  let miniStack: MiniStack;
  let account: Account;

  beforeAll(async () => {
    miniStack = await startMiniStack();
    account = openAccount(miniStack.url);
    const front = await startTemplateFront(miniStack.url);
    try {
      await compose('deploy', front.url, DEPLOY_MS);
    } catch (error) {
      throw new Error(`The services cannot be deployed. MiniStack:\n${await miniStack.logTail()}`, {
        cause: error,
      });
    } finally {
      await front.close();
    }
  });
  afterAll(async () => {
    account?.close();
    await miniStack?.stop();
    await forgetDeployment();
  });

  it('makes one stack per service', async () => {
    expect(await account.stacks()).toEqual(SERVICES.map((name) => `millrace-${name}-${STAGE}`));
  });

  wellBeing(() => account);
  triggers(() => account);
  httpApi(() => account);
  knownDeviations(() => account);

  it(`takes every stack down again (MiniStack deviates where ${DEVIATIONS.bucketNotEmpty.rule})`, async () => {
    expect(await account.objectKeys('uploads')).not.toEqual([]);
    await compose('remove', miniStack.url, REMOVE_MS);
    expect(await account.stacks()).toEqual([]);
  });
});
