import type { Call, Play } from '../../referee.ts';
import type { Performer, Stage } from '../../stage/stage.ts';
import { type KinesisEvent, type Stream, textsOf } from '../../stage/streams.ts';
import type { FunctionSettings, MappingSettings } from '../../subjects/subject.ts';

export interface StreamScene {
  readonly stream: Stream;
  readonly performer: Performer;
  /** The texts of each batch, once there are so many. */
  batches(times: number, withinMs?: number): Promise<string[][]>;
  /** The texts of all batches that have ended, once `text` was in one of them. */
  untilDelivered(text: string, withinMs?: number): Promise<string[][]>;
}

/** Records in a new stream of one shard, then a function that is mapped to it. */
export async function streamScene(
  stage: Stage,
  scene: {
    readonly texts: readonly string[];
    readonly play: (event: KinesisEvent, attempt: number) => unknown;
    readonly mapping?: Partial<MappingSettings>;
    readonly settings?: Omit<FunctionSettings, 'name'>;
    readonly shards?: number;
  },
): Promise<StreamScene> {
  const stream = await stage.stream(scene.shards);
  if (scene.texts.length > 0) await stream.put(scene.texts);
  const performer = await stage.function(scene.play as Play, scene.settings);
  await stage.map(performer, stream.arn, scene.mapping);
  return {
    stream,
    performer,
    batches: async (times, withinMs) =>
      (await performer.called<KinesisEvent>(times, withinMs)).map(batchOf),
    async untilDelivered(text, withinMs) {
      const delivered = () => {
        const calls = performer.calls<KinesisEvent>().filter(({ endedAt }) => endedAt);
        const batches = calls.map(batchOf);
        return batches.some((batch) => batch.includes(text)) ? batches : undefined;
      };
      return stage
        .eventually(`${text} reaches the function`, delivered, withinMs)
        .catch((error: Error) => {
          const batches = performer.calls<KinesisEvent>().map(batchOf);
          throw new Error(`${error.message}; it got ${JSON.stringify(batches)}`);
        });
    },
  };
}

export const batchOf = ({ event }: Call<KinesisEvent>): string[] => textsOf(event);

/** A function that cannot process batches with this text in them. */
export const failsOn =
  (poison: string) =>
  (event: KinesisEvent): void => {
    if (textsOf(event).includes(poison)) throw new Error(`${poison} is poison`);
  };

/** `count` texts: `r000`, `r001`, … */
export const numbered = (count: number, prefix = 'r'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`);
