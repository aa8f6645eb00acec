import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { StageTools } from './sources.ts';

export interface Bucket {
  readonly name: string;
  readonly arn: string;
  keys(prefix?: string): Promise<string[]>;
  text(key: string): Promise<string>;
}

export function openBuckets({ clients, name }: StageTools) {
  const { s3 } = clients;

  return {
    async bucket(): Promise<Bucket> {
      const Bucket = name('bucket');
      await s3.send(new CreateBucketCommand({ Bucket }));
      return {
        name: Bucket,
        arn: `arn:aws:s3:::${Bucket}`,
        async keys(Prefix = '') {
          const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
          return Contents.map(({ Key = '' }) => Key);
        },
        async text(Key) {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
          return (await Body?.transformToString()) ?? '';
        },
      };
    },
  };
}
