import { ownUserAgent } from '../addresses.ts';
import { isRecord } from './intrinsics.ts';

/** An error that an engine answered; `type` is AWS's name of it, e.g. `ResourceNotFoundException`. */
export class EngineError extends Error {
  readonly type: string;
  readonly status: number;

  constructor(operation: string, type: string, status: number, message: string) {
    super(`${operation}: ${type}: ${message}`);
    this.name = 'EngineError';
    this.type = type;
    this.status = status;
  }
}

export interface EngineCalls {
  /** AWS JSON protocol, e.g. `call('DynamoDB_20120810.CreateTable', {…})`. Rejects with EngineError. */
  call(target: string, body: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** AWS Query protocol (SNS): form-encoded in, the XML text out. Rejects with EngineError. */
  query(service: string, form: Record<string, string>): Promise<string>;
}

/**
 * Speaks to the engines as any client does, through the edge. Two dozen calls at registration do not
 * justify loading six SDK clients into the cloud's start.
 */
export function createEngineCalls(edgeUrl: string, region: string): EngineCalls {
  return {
    async call(target, body) {
      const response = await fetch(edgeUrl, {
        method: 'POST',
        headers: {
          'content-type': target.startsWith('DynamoDB')
            ? 'application/x-amz-json-1.0'
            : contentType(target),
          'x-amz-target': target,
          'user-agent': ownUserAgent,
          authorization: authorization(signingName(target), region),
          'x-amz-date': amzDate(),
        },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      const parsed: unknown = text ? JSON.parse(text) : {};
      const answer = isRecord(parsed) ? parsed : {};
      if (response.ok) return answer;
      const type = String(answer.__type ?? answer.code ?? 'Unknown').replace(/^.*#/, '');
      const message = String(answer.message ?? answer.Message ?? text.slice(0, 200));
      throw new EngineError(target, type, response.status, message);
    },
    async query(service, form) {
      const response = await fetch(edgeUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
          'user-agent': ownUserAgent,
          authorization: authorization(service, region),
          'x-amz-date': amzDate(),
        },
        body: new URLSearchParams(form).toString(),
      });
      const text = await response.text();
      if (response.ok) return text;
      const type = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? 'Unknown';
      const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? text.slice(0, 200);
      throw new EngineError(`${service} ${form.Action ?? ''}`, type, response.status, message);
    },
  };
}

function contentType(target: string): string {
  return target.startsWith('AmazonSQS')
    ? 'application/x-amz-json-1.0'
    : 'application/x-amz-json-1.1';
}

function signingName(target: string): string {
  if (target.startsWith('DynamoDB')) return 'dynamodb';
  if (target.startsWith('Kinesis')) return 'kinesis';
  if (target.startsWith('AmazonSQS')) return 'sqs';
  return 'cognito-idp';
}

/** The edge routes by the credential scope and takes any signature on a header-signed request. */
function authorization(service: string, region: string): string {
  const scope = `${amzDate().slice(0, 8)}/${region}/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=millrace/${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;
}

function amzDate(): string {
  return new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
}
