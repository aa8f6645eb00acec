import { localAccountId, localRegion } from '../addresses.ts';
import type { CloseStack } from '../close-stack.ts';
import type { Log } from '../lambda/index.ts';
import type { CloudState } from '../state.ts';
import { type CognitoEngine, startCognito } from './cognito.ts';
import { type DynamoDbEngine, startDynamoDb } from './dynamodb.ts';
import { type KinesisEngine, startKinesis } from './kinesis.ts';
import type { QueueFaultHooks } from './queue-faults.ts';
import { type QueuesEngine, startQueues } from './queues.ts';

export interface Engines {
  readonly dynamoDb: DynamoDbEngine;
  readonly kinesis: KinesisEngine;
  readonly queues: QueuesEngine;
  readonly cognito: CognitoEngine;
}

/** Starts the engines side by side. When one fails, those that started are on `closing` already. */
export async function startEngines(
  options: {
    readonly state: CloudState;
    readonly edgeUrl: string;
    readonly log: Log;
    readonly dynamodbEndpoint?: string;
    readonly queueFaults: QueueFaultHooks;
  },
  closing: CloseStack,
): Promise<Engines> {
  const { state, edgeUrl, dynamodbEndpoint } = options;
  const place = { region: localRegion, accountId: localAccountId };
  const log = (line: string) => options.log.info(line);
  const kinesis = closing.add(startKinesis({ state, ...place }));
  const starts = [
    startDynamoDb({ state, log, ...(dynamodbEndpoint && { endpoint: dynamodbEndpoint }) }).then(
      closing.add,
    ),
    startQueues({ state, edgeUrl, ...place, faults: options.queueFaults }).then(closing.add),
    startCognito({ state, edgeUrl, log }),
  ] as const;
  await Promise.allSettled(starts);
  const [dynamoDb, queues, cognito] = await Promise.all(starts);
  return { dynamoDb, kinesis, queues, cognito };
}
