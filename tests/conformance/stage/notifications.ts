/** What a function gets from a bucket's notification. */
export interface BucketEvent {
  readonly Records: readonly {
    readonly eventVersion: string;
    readonly eventSource: string;
    readonly awsRegion: string;
    readonly eventTime: string;
    readonly eventName: string;
    readonly s3: {
      readonly s3SchemaVersion: string;
      readonly bucket: { readonly name: string; readonly arn: string };
      readonly object: {
        readonly key: string;
        readonly size?: number;
        readonly eTag?: string;
        readonly versionId?: string;
        readonly sequencer: string;
      };
    };
  }[];
}
