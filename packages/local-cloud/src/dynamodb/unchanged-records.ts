import { isDeepStrictEqual } from 'node:util';

interface StreamAnswer {
  readonly Records?: readonly {
    readonly dynamodb?: { readonly NewImage?: unknown; readonly OldImage?: unknown };
  }[];
}

/**
 * The answer to GetRecords without the records of writes that left their item as it was: the engine
 * writes them, AWS does not. Told by the two images; a stream that has only one of them keeps them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
export function withoutUnchanged(body: Buffer): Buffer {
  // Most pages hold none that could be one: they are not parsed.
  if (!body.includes('"MODIFY"') || !body.includes('"OldImage"')) return body;
  const answer: StreamAnswer = JSON.parse(body.toString('utf8'));
  const records = answer.Records ?? [];
  const Records = records.filter(({ dynamodb }) => {
    if (!dynamodb?.NewImage || !dynamodb.OldImage) return true;
    return !isDeepStrictEqual(dynamodb.NewImage, dynamodb.OldImage);
  });
  if (Records.length === records.length) return body;
  return Buffer.from(JSON.stringify({ ...answer, Records }));
}
