import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import type { Account } from './account.ts';
import { DEVIATIONS } from './deviations.ts';
import { orderEvent, TENANT } from './samples.ts';

const SOON = { timeout: 90_000, interval: 250 };
/** MiniStack polls a stream several times in it, and tries what failed again after a second. */
const SEVERAL_ATTEMPTS_MS = 6000;
const MENDED = 'MiniStack does as AWS does now: shorten deviations.ts';

/** What MiniStack does where AWS does otherwise; a failure here is good news. */
export function knownDeviations(account: () => Account): void {
  const order = (orderId: string) => account().item('orders', { tenant: TENANT, orderId });

  describe('MiniStack deviates where AWS says that', () => {
    it(DEVIATIONS.providerUrl.rule, async () => {
      const { cloudFormation } = account();
      const StackName = 'deviation-provider-url';
      const template = {
        Resources: {
          Pool: { Type: 'AWS::Cognito::UserPool' },
          Queue: {
            Type: 'AWS::SQS::Queue',
            Properties: {
              Tags: [{ Key: 'url', Value: { 'Fn::GetAtt': ['Pool', 'ProviderURL'] } }],
            },
          },
        },
      };
      await cloudFormation.send(
        new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }),
      );
      const status = async () =>
        (await cloudFormation.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0]
          ?.StackStatus;
      await expect.poll(status, SOON).toMatch(/_COMPLETE$/);
      expect(await status(), MENDED).toBe('ROLLBACK_COMPLETE');
      const { StackEvents } = await cloudFormation.send(
        new DescribeStackEventsCommand({ StackName }),
      );
      expect(StackEvents?.map((event) => event.ResourceStatusReason)).toContainEqual(
        expect.stringContaining('ProviderURL'),
      );
      await cloudFormation.send(new DeleteStackCommand({ StackName }));
    });

    it(DEVIATIONS.partialBatch.rule, async () => {
      const { functionName, withEnvironment, putEvents, counted } = account();
      const projectOrders = functionName('stream-analytics', 'projectOrders');
      const before = await counted(TENANT, 'order');
      await withEnvironment(projectOrders, { ORDERS_TABLE: 'not-there' }, async () => {
        await putEvents([orderEvent('o-partial')]);
        // countEvents reads the same stream: once it has counted, projectOrders has had its turn soon.
        await expect.poll(() => counted(TENANT, 'order'), SOON).toBe(before + 1);
        await sleep(SEVERAL_ATTEMPTS_MS);
      });
      // AWS would deliver the record again, and the order would appear now.
      await sleep(SEVERAL_ATTEMPTS_MS);
      expect(await order('o-partial'), MENDED).toBeUndefined();
    });

    it(DEVIATIONS.retryLimit.rule, async () => {
      const { functionName, withEnvironment, putEvents, counted, failures } = account();
      const projectOrders = functionName('stream-analytics', 'projectOrders');
      await setRetries(account(), projectOrders, 0);
      const before = await counted(TENANT, 'order');
      // Without the name of its table the function throws at its start: the whole batch fails.
      await withEnvironment(projectOrders, { ORDERS_TABLE: '' }, async () => {
        await putEvents([orderEvent('o-unbounded')]);
        await expect.poll(() => counted(TENANT, 'order'), SOON).toBe(before + 1);
        await sleep(SEVERAL_ATTEMPTS_MS);
        expect(await order('o-unbounded')).toBeUndefined();
        expect(await failures('stream-analytics'), MENDED).toEqual([]);
      });
      // AWS would have given the record up after the first attempt.
      await expect.poll(() => order('o-unbounded'), { ...SOON, message: MENDED }).toBeDefined();
    });
  });
}

async function setRetries(account: Account, FunctionName: string, MaximumRetryAttempts: number) {
  const { EventSourceMappings = [] } = await account.lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName }),
  );
  expect(EventSourceMappings).toHaveLength(1);
  for (const { UUID } of EventSourceMappings) {
    await account.lambda.send(new UpdateEventSourceMappingCommand({ UUID, MaximumRetryAttempts }));
  }
}
