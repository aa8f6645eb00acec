import type { _Record, AttributeValue } from '@aws-sdk/client-dynamodb-streams';

/** A change as Lambda hands it over: times in seconds, bytes in base64.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html (example event) */
export function eventOfChange(record: _Record, streamArn: string, eventID: string): unknown {
  const {
    ApproximateCreationDateTime: at,
    Keys,
    NewImage,
    OldImage,
    ...rest
  } = {
    ...record.dynamodb,
  };
  const { Type, PrincipalId } = record.userIdentity ?? {};
  return {
    eventID,
    eventName: record.eventName,
    eventVersion: record.eventVersion ?? '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: streamArn.split(':')[3],
    dynamodb: {
      ApproximateCreationDateTime: Math.floor((at?.getTime() ?? 0) / 1000),
      Keys: imageOf(Keys ?? {}),
      ...(NewImage && { NewImage: imageOf(NewImage) }),
      ...(OldImage && { OldImage: imageOf(OldImage) }),
      ...rest,
    },
    ...(PrincipalId !== undefined && { userIdentity: { type: Type, principalId: PrincipalId } }),
    eventSourceARN: streamArn,
  };
}

function imageOf(image: Record<string, AttributeValue>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, wireOf(value)]));
}

function wireOf(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(wireOf) };
  if (value.M !== undefined) return { M: imageOf(value.M) };
  return value;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
