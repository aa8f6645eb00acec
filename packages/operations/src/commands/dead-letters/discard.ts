import { discardEntries } from '../../dead-letters/discard-entries.ts';
import { eachEntry } from '../../dead-letters/list-entries.ts';
import { RedriveReport } from '../../dead-letters/redrive-report.ts';
import type { Sources } from '../../dead-letters/sources.ts';
import { UsageError } from '../../usage-error.ts';
import { printReport } from './report.ts';
import type { Settings } from './settings.ts';

export async function discard(
  sources: Sources,
  settings: Settings,
  signal: AbortSignal,
): Promise<number> {
  const { filter, isAgreed } = settings;
  const { ids, ...filters } = filter;
  if (ids.length === 0 && Object.values(filters).every((value) => value === undefined)) {
    throw new UsageError('Which ones? discard takes ids, --service, --function, --code or --kind.');
  }
  const report = new RedriveReport();
  if (isAgreed) await discardEntries(sources, filter, report, signal);
  else {
    const look = async (entry: Parameters<RedriveReport['add']>[0]) =>
      report.add(entry, { outcome: 'waiting' });
    await eachEntry(sources, filter, false, signal, { letter: look, message: look });
  }
  return printReport(settings, report, signal.aborted);
}
