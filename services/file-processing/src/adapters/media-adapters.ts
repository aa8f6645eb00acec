import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { traceClient } from '@millrace/middleware';
import type { mediaConfig, workerConfig } from '../config.ts';
import { mediaKind } from '../domain/processors/media/kind.ts';
import type { MediaPorts } from '../domain/processors/media/processor.ts';
import type { TaskPorts } from '../domain/processors/media/work-on-task.ts';
import { recordResult, withdraw } from '../domain/record-result.ts';
import { dynamoMediaJobs } from './dynamo-media-jobs.ts';
import { dynamoMediaProgress } from './dynamo-media-progress.ts';
import { ffmpegStudio } from './ffmpeg-studio.ts';
import { workerAdapters } from './index.ts';
import { s3StoredSegments } from './s3-stored-segments.ts';
import { sqsSegmentTasks } from './sqs-segment-tasks.ts';

type MediaSettings = ReturnType<typeof mediaConfig>;

/** What `mediaProcessor` needs. */
export function mediaAdapters(settings: MediaSettings): MediaPorts {
  const { PARTS_TABLE, SEGMENTS_QUEUE_URL, JOINS_QUEUE_URL } = settings;
  return {
    studio: ffmpegStudio({ ffmpeg: settings.FFMPEG_PATH, ffprobe: settings.FFPROBE_PATH }),
    jobs: dynamoMediaJobs({ client: traceClient(new DynamoDBClient()), table: PARTS_TABLE }),
    tasks: sqsSegmentTasks(traceClient(new SQSClient()), {
      segments: SEGMENTS_QUEUE_URL,
      joins: JOINS_QUEUE_URL,
    }),
  };
}

/** What the functions need that work on parts of a video. */
export function taskAdapters(settings: MediaSettings & ReturnType<typeof workerConfig>) {
  const worker = workerAdapters(settings);
  const { FILES_TABLE, MEDIA_BUCKET } = settings;
  const results: TaskPorts['results'] = {
    progress: dynamoMediaProgress(traceClient(new DynamoDBClient()), FILES_TABLE),
    async finish(file, version, verdict) {
      // Whether an older version or verdict is there, only the invocation that began it knew.
      const options = { again: true, replaces: true };
      await recordResult(file, version, verdict, options, { ...worker, kind: mediaKind });
    },
    withdraw: (file, version) => withdraw(file, version, worker),
  };
  const ports: TaskPorts = {
    ...mediaAdapters(settings),
    results,
    uploads: worker.uploads,
    products: worker.products,
    openStored: s3StoredSegments(worker.s3, MEDIA_BUCKET),
  };
  return { ports, sqs: worker.sqs, files: worker.files, failures: worker.failures };
}
