import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cloud, type CloudOptions, startCloud } from '../../src/cloud.ts';

export interface CloudFixture {
  readonly cloud: Cloud;
  /** What the cloud wrote to its log so far. */
  readonly lines: string[];
  /** Settings for an SDK client of the edge. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  stop(): Promise<void>;
}

/** A whole cloud in this process, on free ports and a folder of its own. */
export async function startCloudFixture(
  options: Partial<CloudOptions> = {},
): Promise<CloudFixture> {
  const stateDir = await mkdtemp(join(tmpdir(), 'millrace-edge-'));
  const lines: string[] = [];
  const log = {
    info: (line: string) => lines.push(line),
    warn: (line: string) => lines.push(line),
  };
  const cloud = await startCloud({ stateDir, edgePort: 0, mqttPort: 0, log, ...options });
  return {
    cloud,
    lines,
    client: clientSettings(cloud.edgeUrl),
    async stop() {
      await cloud.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

export function clientSettings(endpoint: string): CloudFixture['client'] {
  const credentials = { accessKeyId: 'millrace', secretAccessKey: 'millrace' };
  return { endpoint, region: 'us-east-1', credentials };
}
