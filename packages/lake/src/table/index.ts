export * from './commit-table.ts';
export {
  type ChangesFile,
  type DataFile,
  filesOf,
  latestManifest,
  type Manifest,
  readManifest,
  type Segment,
  tablesOf,
} from './manifest.ts';
export { DEFAULT_SETTINGS, type TableSettings } from './settings.ts';
export type { TableLayout } from './table-layout.ts';
