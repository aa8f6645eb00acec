import type { LakeStore, RowFormat } from '../ports.ts';
import { isWidened, unifyColumns } from '../schema.ts';
import { chooseFiles } from './choose-files.ts';
import { listSlots, type Round, readRound, type Slot } from './intake.ts';
import {
  type ChangesFile,
  commitManifest,
  emptyManifest,
  filesOf,
  latestManifest,
  type Manifest,
  nextManifest,
} from './manifest.ts';
import { joinFiles, mergeChanges, type Step } from './merge-changes.ts';
import { mergeCurrent } from './merge-current.ts';
import { removeUnused } from './remove-unused.ts';
import { DAY_MS, type TableSettings } from './settings.ts';
import type { TableLayout } from './table-layout.ts';

export interface TableJob {
  readonly store: LakeStore;
  readonly format: RowFormat;
  readonly layout: TableLayout;
  readonly settings: TableSettings;
  /** Milliseconds. */
  now(): number;
  /** Whether another commit may be begun. */
  hasTimeLeft(): boolean;
  /** Called with each manifest that was committed, and with the latest when there was nothing to do. */
  onLatest?(manifest: Manifest): Promise<void>;
}

export interface Committed {
  readonly commits: number;
  /** Rows taken in, those among them that had been in before included. */
  readonly rows: number;
  /** Files that were joined or written again. */
  readonly joined: number;
  readonly removed: number;
  /** Somebody else committed at the same time: the next run goes on. */
  readonly isOvertaken: boolean;
}

/**
 * Takes what came into a table's intake into its files, joins small files, drops what is too old, and
 * removes what no reader can need: commit by commit, as long as there is something to do and time
 * left. May be stopped anywhere and run beside itself (docs/decisions/0061-lake-commits.md).
 *
 * @throws LakeSchemaError where a column has become another type: nothing of it is taken in
 */
export async function commitTable(job: TableJob): Promise<Committed> {
  const { store, layout } = job;
  const total = { commits: 0, rows: 0, joined: 0 };
  let base =
    (await latestManifest(store, layout.table)) ?? emptyManifest(layout.table, layout.columns);
  let slots = await listSlots(store, layout.table);
  if (base.version > 0) await job.onLatest?.(base);
  while (job.hasTimeLeft()) {
    const round = await readRound(slots, base, job, job.now());
    const next = await prepareNext(job, base, round, slots);
    if (!next) break;
    if (!(await commitManifest(store, next.manifest)))
      return { ...total, removed: 0, isOvertaken: true };
    base = next.manifest;
    await job.onLatest?.(base);
    total.commits += 1;
    total.rows += round.rows.length;
    total.joined += next.joined;
    if (!round.isPartial) slots = await listSlots(store, layout.table);
  }
  const removed = job.hasTimeLeft() ? await removeUnused(job) : 0;
  return { ...total, removed, isOvertaken: false };
}

interface Prepared {
  readonly manifest: Manifest;
  readonly joined: number;
}

/** Writes the files of the next version. Nothing, where it would be the same as this one. */
async function prepareNext(
  job: TableJob,
  base: Manifest,
  round: Round,
  slots: readonly Slot[],
): Promise<Prepared | undefined> {
  const { layout, settings } = job;
  const now = job.now();
  const blank = nextManifest(base, now);
  const schema = base.schema + (isWidened(base.columns, round.columns) ? 1 : 0);
  const columns = unifyColumns(round.columns, layout.columns);
  const step: Step = { ...job, version: blank.version, columns, schema };
  const oldest = firstDayKept(settings, now);
  const kept = base.changes.filter(({ day }) => day >= oldest);
  const intake = { changes: kept, current: base.current };
  if (round.slots.length > 0) {
    const { time } = layout;
    const young = round.rows.filter((row) => dayText(row[time]) >= oldest);
    intake.changes = await mergeChanges(step, kept, young);
    intake.current = await mergeCurrent(step, base.current, round.rows, now);
  }
  const today = new Date(now).toISOString().slice(0, 10);
  const chosen =
    round.slots.length > 0
      ? []
      : chooseFiles(kept, { schema, today, targetBytes: settings.targetBytes });
  const isSame =
    round.slots.length === 0 && chosen.length === 0 && kept.length === base.changes.length;
  if (isSame) return undefined;
  const joined = chosen.length > 0 ? await joinFiles(step, chosen) : [];
  const manifest = {
    ...blank,
    ...{ columns, schema, current: intake.current },
    changes: replaced(intake.changes, chosen, joined),
    slots: noted(base, round.slots, slots),
  };
  return {
    manifest: { ...manifest, dropped: dropped(base, manifest, settings) },
    joined: chosen.length,
  };
}

const dayText = (time: unknown) => (time instanceof Date ? time.toISOString().slice(0, 10) : '');

/** `2026-11-23`; before all days, where none is dropped. */
function firstDayKept({ keepDays }: TableSettings, now: number): string {
  if (keepDays === undefined) return '';
  return new Date(now - keepDays * DAY_MS).toISOString().slice(0, 10);
}

/** The chosen files lie next to each other: what they became is put in their place. */
function replaced(
  files: readonly ChangesFile[],
  chosen: readonly ChangesFile[],
  by: readonly ChangesFile[],
): readonly ChangesFile[] {
  const [first] = chosen;
  if (!first) return files;
  return files.flatMap((file) => (file === first ? by : chosen.includes(file) ? [] : [file]));
}

/** What is in, of the objects that are still there. */
function noted(base: Manifest, taken: readonly Slot[], listed: readonly Slot[]) {
  const slots: Record<string, Record<string, string>> = {};
  for (const { day, name } of listed) {
    const known = base.slots[day]?.[name];
    if (known !== undefined) slots[day] = { ...slots[day], [name]: known };
  }
  for (const { day, name, eTag } of taken) slots[day] = { ...slots[day], [name]: eTag };
  return slots;
}

/** What the base names and the next manifest does not; what it had dropped before, for the grace period. */
function dropped(base: Manifest, next: Manifest, { graceMs }: TableSettings) {
  const named = new Set(filesOf(next).map(({ key }) => key));
  const at = next.committedAt;
  const before = base.dropped.filter((entry) => Date.parse(entry.at) + graceMs > Date.parse(at));
  const now = filesOf(base).filter(({ key }) => !named.has(key));
  return [...before, ...now.map(({ key }) => ({ key, at }))];
}
