import { thisHolder } from '../../dead-letters/letters.ts';
import { eachEntry } from '../../dead-letters/list-entries.ts';
import { pacer } from '../../dead-letters/pace.ts';
import { redriveEntries } from '../../dead-letters/redrive-entries.ts';
import { whyHeld } from '../../dead-letters/redrive-letter.ts';
import { RedriveReport } from '../../dead-letters/redrive-report.ts';
import type { Sources } from '../../dead-letters/sources.ts';
import { createLiveLine } from '../../terminal/live-line.ts';
import { printReport } from './report.ts';
import type { Settings } from './settings.ts';

const LIMIT = 10_000;

export async function redrive(
  sources: Sources,
  settings: Settings,
  signal: AbortSignal,
): Promise<number> {
  const { filter, rate, limit = LIMIT, isForced } = settings;
  const report = new RedriveReport();
  if (!settings.isAgreed) {
    await onlyLook(sources, settings, report, signal);
    return printReport(settings, report, signal.aborted);
  }
  const line = createLiveLine(process.stderr);
  try {
    await redriveEntries(sources, {
      ...{ filter, report, limit, isForced, signal },
      ...{ holder: thisHolder(), now: Date.now, pace: pacer(rate, signal) },
      onProgress(inRange) {
        const { accepted } = report.tally();
        const range = inRange === undefined ? '' : ` · ${inRange} records of a range`;
        line.show(`${report.seen} taken up, ${accepted} processed, ${report.stays} stay${range}`);
      },
    });
  } finally {
    line.end();
  }
  return printReport(settings, report, signal.aborted);
}

async function onlyLook(
  sources: Sources,
  { filter, isForced }: Settings,
  report: RedriveReport,
  signal: AbortSignal,
): Promise<void> {
  await eachEntry(sources, filter, false, signal, {
    async letter(letter) {
      const reason = whyHeld(letter, Date.now(), isForced);
      report.add(
        letter,
        reason === undefined ? { outcome: 'waiting' } : { outcome: 'held', reason },
      );
    },
    async message(entry) {
      const { content } = entry;
      report.add(
        entry,
        content.kind === 'none' ? { outcome: 'held', reason: content.why } : { outcome: 'waiting' },
      );
    },
  });
}
