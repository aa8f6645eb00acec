import { connect } from 'node:net';

const [host = '', port = ''] = (process.env.COLLECTOR ?? '').split(':');
const collector = connect({ host, port: Number(port), noDelay: true });
// A run that is over has no collector any more: nothing is left to be told.
collector.on('error', () => {});
collector.unref();

/**
 * Does nothing but say when it started and with what. The instant is the monotonic clock's, which all
 * processes of a machine share: the way to the collector is not part of what is measured.
 */
export const handler = (event: ProbeEvent): Promise<void> => {
  const startedAt = process.hrtime.bigint();
  collector.write(`${startedAt} ${identifiers(event).join(',')}\n`);
  return Promise.resolve();
};

interface ProbeEvent {
  /** Of the message that a topic rule passed on. */
  readonly id?: string;
  readonly Records?: readonly ProbeRecord[];
}

interface ProbeRecord {
  readonly s3?: { readonly object: { readonly key: string } };
  readonly kinesis?: { readonly data: string };
  readonly dynamodb?: { readonly Keys: { readonly id: { readonly S: string } } };
  readonly body?: string;
}

function identifiers({ id, Records = [] }: ProbeEvent): string[] {
  return id === undefined ? Records.map(identifier) : [id];
}

/** What was put: the object's key, the record's data, the item's key or the message's text. */
function identifier({ s3, kinesis, dynamodb, body }: ProbeRecord): string {
  if (s3) return s3.object.key;
  if (kinesis) return Buffer.from(kinesis.data, 'base64').toString();
  return dynamodb?.Keys.id.S ?? body ?? '';
}
