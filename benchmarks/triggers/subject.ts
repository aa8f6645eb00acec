import type { SourceAddresses } from './sources.ts';

/** A local cloud in which the probe service runs. */
export interface Subject extends AsyncDisposable {
  readonly name: string;
  readonly addresses: SourceAddresses;
}
