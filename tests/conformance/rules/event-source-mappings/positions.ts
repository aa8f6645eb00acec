import { deepEqual, ok } from 'node:assert/strict';
import type { Rule } from '../../rule.ts';
import { type KinesisEvent, textsOf } from '../../stage/streams.ts';
import type { DynamoDbEvent } from '../../stage/tables.ts';
import { pages } from './pages.ts';
import { numbered, streamScene } from './stream-scene.ts';

export const positions: readonly Rule[] = [
  {
    id: 'event-source-mappings/trim-horizon-starts-with-the-oldest-record',
    title: 'TRIM_HORIZON starts with the oldest record of the stream',
    page: pages.kinesisParameters,
    async run(stage) {
      const scene = await streamScene(stage, { texts: numbered(3), play: () => null });
      deepEqual((await scene.untilDelivered('r002')).flat(), numbered(3));
    },
  },
  {
    id: 'event-source-mappings/latest-starts-with-what-comes-later',
    title: 'LATEST delivers nothing that was in the stream before the mapping',
    page: pages.kinesisParameters,
    async run(stage) {
      const scene = await streamScene(stage, {
        texts: ['old'],
        play: () => null,
        mapping: { StartingPosition: 'LATEST' },
      });
      // A mapping begins to read some time after it is made: what comes until then may be missed.
      for (let count = 0; scene.performer.calls().length === 0; count += 1) {
        if (count === 20) throw new Error('nothing that came later was delivered');
        await scene.stream.put([`new ${count}`]);
        await stage.rest(500);
      }
      const texts = scene.performer.calls<KinesisEvent>().flatMap(({ event }) => textsOf(event));
      ok(!texts.includes('old'), 'the older record was delivered');
    },
  },
  {
    id: 'event-source-mappings/at-timestamp-starts-with-that-instant',
    title: 'AT_TIMESTAMP starts with the first record that arrived at or after the instant',
    page: pages.kinesisParameters,
    async run(stage) {
      const stream = await stage.stream();
      await stream.put(['before']);
      await stage.rest(2_500);
      // Whole seconds: parameters of CloudFormation have no fractions.
      const StartingPositionTimestamp = new Date(Math.floor(Date.now() / 1000) * 1000);
      await stream.put(['after']);
      const performer = await stage.function(() => null);
      const StartingPosition = 'AT_TIMESTAMP';
      await stage.map(performer, stream.arn, { StartingPosition, StartingPositionTimestamp });
      const [call] = await performer.called<KinesisEvent>(1);
      deepEqual(call && textsOf(call.event), ['after']);
    },
  },
  {
    id: 'event-source-mappings/trim-horizon-of-a-table-starts-with-its-first-change',
    title: 'TRIM_HORIZON of a DynamoDB stream starts with the oldest change of the last 24 hours',
    page: pages.dynamodb,
    async run(stage) {
      const table = await stage.table();
      for (const id of ['a', 'b']) await table.put({ id });
      const performer = await stage.function(() => null);
      await stage.map(performer, table.streamArn);
      const ids = await stage.eventually('both changes reach the function', () => {
        const records = performer.calls<DynamoDbEvent>().flatMap(({ event }) => event.Records);
        return records.length >= 2 ? records.map(({ dynamodb }) => dynamodb.Keys.id?.S) : undefined;
      });
      deepEqual(ids, ['a', 'b']);
    },
  },
];
