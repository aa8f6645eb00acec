import { PublishCommand } from '@aws-sdk/client-iot-data-plane';
import type { Performer, Stage } from '../../stage/stage.ts';

/** A topic rule of the scene's own: its SQL reads from topics below `topic`. */
export interface RuleScene {
  /** e.g. `topic-x1y2/telemetry`, of two levels. */
  readonly topic: string;
  readonly performer: Performer;
  /** The events that the rule's function got, after so many have come. */
  events(count: number): Promise<unknown[]>;
}

/**
 * A function behind a topic rule. `sql` gets the topic to select from; `SELECT … FROM '<topic>'` is
 * made of a select clause given as text.
 */
export async function openRule(
  stage: Stage,
  sql: string | ((topic: string) => string),
): Promise<RuleScene> {
  const topic = `${stage.name('topic')}/telemetry`;
  const performer = await stage.function(() => undefined);
  const Sql = typeof sql === 'string' ? `SELECT ${sql} FROM '${topic}'` : sql(topic);
  await createRule(stage, Sql, [{ Lambda: { FunctionArn: performer.arn } }]);
  return {
    topic,
    performer,
    async events(count) {
      const calls = await performer.called<unknown>(count);
      return calls.map(({ event }) => event);
    },
  };
}

/** Makes a rule that is removed when the test ends, and answers its name. */
export async function createRule(
  stage: Stage,
  Sql: string,
  Actions: readonly Record<string, unknown>[],
  ErrorAction?: Record<string, unknown>,
): Promise<string> {
  const name = stage.name('rule').replaceAll('-', '_');
  const AwsIotSqlVersion = '2016-03-23';
  const payload = { Sql, AwsIotSqlVersion, Actions, ...(ErrorAction && { ErrorAction }) };
  stage.atEnd(await stage.subject.createTopicRule({ name, payload }));
  return name;
}

/** Publishes through the data plane's HTTP API. */
export async function publish(
  stage: Stage,
  topic: string,
  payload: string | Uint8Array,
): Promise<void> {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  await stage.clients.iotData.send(new PublishCommand({ topic, qos: 1, payload: bytes }));
}
