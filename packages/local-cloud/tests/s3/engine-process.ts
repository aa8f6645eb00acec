/** An engine in a process of its own, for tests that kill it or weigh it. */
import { startS3 } from './harness.ts';

const [dir] = process.argv.slice(2);
const s3 = await startS3({
  ...(dir ? { dir } : {}),
  onEvent: (event, { db }) => {
    db.prepare('INSERT INTO test_events VALUES (?, ?, ?, ?)').run(
      event.name,
      event.key,
      event.versionId ?? '',
      event.sequencer,
    );
  },
});
s3.state.db.exec(
  'CREATE TABLE IF NOT EXISTS test_events (name TEXT, key TEXT, version_id TEXT, sequencer TEXT)',
);
s3.engine.createBucket('versioned', { versioning: true });
s3.engine.createBucket('plain');
process.on('message', () => process.send?.({ peakRss: process.resourceUsage().maxRSS * 1024 }));
process.on('disconnect', () => process.exit());
process.send?.({ endpoint: s3.endpoint });
