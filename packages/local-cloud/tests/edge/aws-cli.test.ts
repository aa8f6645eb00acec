import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudFixture, startCloudFixture } from './cloud-fixture.ts';

const run = promisify(execFile);

/** The AWS CLI is no dependency of ours: these tests run where it happens to be installed. */
function hasAwsCli(): boolean {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasAwsCli())('the AWS CLI', { timeout: 60_000 }, () => {
  let fixture: CloudFixture;
  beforeAll(async () => {
    fixture = await startCloudFixture();
  });
  afterAll(() => fixture.stop());

  async function aws(...args: string[]): Promise<unknown> {
    const { stdout } = await run('aws', [...args, '--output', 'json'], {
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: fixture.cloud.edgeUrl,
        AWS_ACCESS_KEY_ID: 'any',
        AWS_SECRET_ACCESS_KEY: 'thing',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_MAX_ATTEMPTS: '1',
      },
    });
    return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  }

  it('learns whose account it is', async () => {
    expect(await aws('sts', 'get-caller-identity')).toMatchObject({ Account: '000000000000' });
  });

  it('lists buckets, tables and streams', async () => {
    await aws('s3api', 'create-bucket', '--bucket', 'pictures');
    expect(await aws('s3api', 'list-buckets')).toMatchObject({ Buckets: [{ Name: 'pictures' }] });

    const key = ['--attribute-definitions', 'AttributeName=pk,AttributeType=S'];
    const schema = ['--key-schema', 'AttributeName=pk,KeyType=HASH'];
    const billing = ['--billing-mode', 'PAY_PER_REQUEST'];
    await aws('dynamodb', 'create-table', '--table-name', 'files', ...key, ...schema, ...billing);
    expect(await aws('dynamodb', 'list-tables')).toEqual({ TableNames: ['files'] });

    await aws('kinesis', 'create-stream', '--stream-name', 'events', '--shard-count', '1');
    expect(await aws('kinesis', 'list-streams')).toMatchObject({ StreamNames: ['events'] });
  });

  it('is told by name what is missing', async () => {
    await expect(aws('ec2', 'describe-instances')).rejects.toThrow(
      'the service ec2 is not offered by the local cloud',
    );
  });
});
