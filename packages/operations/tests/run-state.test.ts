import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginRun, finishRun } from '../src/demo/run-state.ts';
import { sampleEvents } from '../src/demo/sample-events.ts';

const NOW = new Date('2026-11-23T09:00:00Z');

describe('a run of the demo', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-run-'));
    file = join(folder, 'deep', 'demo.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is gone on with when it was interrupted, with the same ids and times', () => {
    const first = beginRun(file, NOW);
    const again = beginRun(file, new Date('2027-01-01T00:00:00Z'));
    expect(first.resumed).toBe(false);
    expect(again).toEqual({ run: first.run, resumed: true });
    expect(sampleEvents(again.run)).toEqual(sampleEvents(first.run));
  });

  it('is followed by a new one when it is finished', () => {
    const { run } = beginRun(file, NOW);
    finishRun(file, run);
    const next = beginRun(file, NOW);
    expect(next.resumed).toBe(false);
    expect(next.run.runId).not.toBe(run.runId);
  });

  it.each(['', '{"runId": 1}', 'null'])('begins anew when the note holds %j', (text) => {
    beginRun(file, NOW);
    writeFileSync(file, text);
    expect(beginRun(file, NOW).resumed).toBe(false);
  });
});
