export {
  type Findable,
  MOST_CHARACTERS,
  MOST_TERMS,
  type Posting,
  type SearchEntries,
  searchEntries,
} from './search-entries.ts';
export {
  type Manifest,
  type SearchIndex,
  type SearchStore,
  type StoredManifest,
  type Subject,
  searchIndex,
} from './search-index.ts';
