import { createSocket, type Socket } from 'node:dgram';

/** Where a subsegment belongs: the trace of the invocation and Lambda's segment in it. */
export interface TraceParent {
  readonly traceId: string;
  readonly parentId: string;
}

/** A subsegment as X-Ray takes it: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html */
export interface Subsegment {
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly start_time: number;
  readonly end_time: number;
  readonly namespace?: 'aws';
  readonly aws?: Readonly<Record<string, string | number>>;
  readonly http?: { readonly response: { readonly status: number } };
  readonly error?: true;
  readonly fault?: true;
  readonly throttle?: true;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The trace that Lambda has sampled this invocation into; undefined where it was not sampled or
 * where there is no X-Ray. The runtime sets the variable anew for every invocation.
 */
export function traceParent(env: Environment = process.env): TraceParent | undefined {
  const header = env._X_AMZN_TRACE_ID;
  if (header === undefined || env.AWS_XRAY_DAEMON_ADDRESS === undefined) return undefined;
  const fields = new Map(
    header.split(';').map((field) => {
      const [name = '', value = ''] = field.split('=');
      return [name, value];
    }),
  );
  const traceId = fields.get('Root');
  const parentId = fields.get('Parent');
  if (fields.get('Sampled') !== '1' || !traceId || !parentId) return undefined;
  return { traceId, parentId };
}

let socket: Socket | undefined;

/**
 * Hands a subsegment to the X-Ray daemon that Lambda runs beside a sampled function. One datagram,
 * no answer: a trace is an observation and never fails what it observes.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html
 */
export function sendSubsegment(
  parent: TraceParent,
  subsegment: Subsegment,
  env: Environment = process.env,
): void {
  const [host = '127.0.0.1', port = '2000'] = (env.AWS_XRAY_DAEMON_ADDRESS ?? '').split(':');
  socket ??= openSocket();
  const document = JSON.stringify({
    ...subsegment,
    type: 'subsegment',
    trace_id: parent.traceId,
    parent_id: parent.parentId,
  });
  socket.send(`{"format":"json","version":1}\n${document}`, Number(port), host, () => {
    // A lost datagram is a gap in a sampled picture; there is nothing to mend.
  });
}

function openSocket(): Socket {
  const opened = createSocket('udp4');
  opened.unref();
  return opened;
}
