import { localRegion } from '@millrace/local-cloud/addresses';
import type { Targets } from '../../demo/targets.ts';

export interface DeadLetter {
  readonly code: string;
  readonly deviceId: string;
  /** Compressed, base64: the same for the same message. */
  readonly payload: string;
}

interface QueryAnswer {
  readonly Items?: readonly {
    readonly reasonCode?: { readonly S: string };
    readonly payload?: { readonly B: string };
    readonly attributes?: { readonly M: Readonly<Record<string, { readonly S: string }>> };
  }[];
  readonly LastEvaluatedKey?: unknown;
}

/**
 * What `ingestReading` has put aside of devices whose id begins so. The table is the platform's own:
 * there is no other way to it than DynamoDB's.
 *
 * @throws Error where the table cannot be read
 */
export async function readDeadLetters(
  { edgeUrl, stage }: Pick<Targets, 'edgeUrl' | 'stage'>,
  prefix: string,
): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (let from: unknown; ; ) {
    const page = await query(edgeUrl, {
      TableName: `millrace-${stage}-iot-ingest-dead-letters`,
      KeyConditionExpression: 'pk = :source',
      FilterExpression: 'begins_with(attributes.deviceId, :prefix)',
      ExpressionAttributeValues: {
        ':source': { S: `millrace-iot-ingest-${stage}-ingestReading` },
        ':prefix': { S: prefix },
      },
      ...(from !== undefined && { ExclusiveStartKey: from }),
    });
    for (const { reasonCode, payload, attributes } of page.Items ?? []) {
      letters.push({
        code: reasonCode?.S ?? '',
        deviceId: attributes?.M.deviceId?.S ?? '',
        payload: payload?.B ?? '',
      });
    }
    if (page.LastEvaluatedKey === undefined) return letters;
    from = page.LastEvaluatedKey;
  }
}

/** One request to the local edge, which takes any signature. */
async function query(edgeUrl: string, body: unknown): Promise<QueryAnswer> {
  const response = await fetch(edgeUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.Query',
      'x-amz-date': '20260101T000000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=any/20260101/${localRegion}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The dead letters cannot be read: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}
