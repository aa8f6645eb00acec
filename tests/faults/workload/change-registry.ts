import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Run } from './run.ts';
import type { Scenario } from './scenario.ts';

const TableName = 'millrace-local-devices';
const AT = '2026-11-23T09:00:00.000Z';

/** Changes of the table `devices` past the API: each must come into the lake, or beside it. */
export async function changeRegistry(run: Run, { registry }: Scenario): Promise<void> {
  await Promise.all([
    liveByHand(run, registry.renamed, registry.removed),
    ...Array.from({ length: registry.strangers }, (_, at) => addStranger(run, at)),
  ]);
}

async function liveByHand(run: Run, renamed: number, removed: boolean): Promise<void> {
  const { documents } = run.clients;
  const deviceId = `${run.tenant}-hand`;
  const item = { deviceId, tenant: run.tenant, status: 'active', createdAt: AT, updatedAt: AT };
  run.expected.sent += 1 + renamed + (removed ? 1 : 0);
  await run.persist('PutItem', () => documents.send(new PutCommand({ TableName, Item: item })));
  run.expected.devices.set(deviceId, {});
  for (let time = 1; time <= renamed; time += 1) {
    const name = `wheel ${time}`;
    await run.persist('UpdateItem', () =>
      documents.send(
        new UpdateCommand({
          TableName,
          Key: { deviceId },
          UpdateExpression: 'SET #name = :name',
          ExpressionAttributeNames: { '#name': 'name' },
          ExpressionAttributeValues: { ':name': name },
        }),
      ),
    );
    run.expected.devices.set(deviceId, { name });
  }
  if (!removed) return;
  const Key = { deviceId };
  await run.persist('DeleteItem', () => documents.send(new DeleteCommand({ TableName, Key })));
  run.expected.devices.set(deviceId, null);
}

/** An item that is no device: no pipeline can make a row of it. */
async function addStranger(run: Run, at: number): Promise<void> {
  const deviceId = `${run.tenant}-stranger${at}`;
  const Item = { deviceId, status: 7 };
  run.expected.sent += 1;
  await run.persist('PutItem', () =>
    run.clients.documents.send(new PutCommand({ TableName, Item })),
  );
  run.expected.strangers.add(deviceId);
}
