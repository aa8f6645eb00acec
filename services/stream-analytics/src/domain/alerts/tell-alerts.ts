/** Alerts that are decided and not yet told. They are kept by the transactions that decide. */
export interface WaitingAlerts<A> {
  /** The oldest first. */
  waiting(): AsyncIterable<KeptAlert<A>>;
  /** Takes away an alert that was told. */
  settle(kept: KeptAlert<A>): Promise<void>;
}

export interface KeptAlert<A> {
  readonly pk: string;
  readonly sk: string;
  readonly alert: A;
}

export interface Telling<A> {
  readonly alerts: WaitingAlerts<A>;
  /** A rejection says nothing about whether it was told. */
  readonly tell: (alert: A) => Promise<void>;
  /** False when the function is about to be stopped: begin nothing more. */
  readonly hasTimeLeft: () => boolean;
}

/**
 * Tells the alerts that wait, each at least once: a run that is killed between telling and settling
 * leaves it to the next, under the same id.
 *
 * @returns how many.
 */
export async function tellAlerts<A>({ alerts, tell, hasTimeLeft }: Telling<A>): Promise<number> {
  let told = 0;
  for await (const kept of alerts.waiting()) {
    if (!hasTimeLeft()) break;
    await tell(kept.alert);
    await alerts.settle(kept);
    told += 1;
  }
  return told;
}
