import {
  adjustmentSort,
  billClosesAt,
  type MeterUsage,
  MOST_BILLED_METERS,
  monthOf,
  type UsageAdjustment,
  type UsageMonth,
  usagePartition,
} from '@millrace/types';
import { decimalOf, decimalText, parseDecimal } from '../../domain/decimal.ts';
import type { Incoming, StateRef } from '../../domain/engine/pipeline.ts';
import { withFirstNames } from './first-names.ts';

/** Where a reading's quantities belong, which its event time and its arrival decide for good. */
export interface BillPlace {
  /** Whose bill (or whose adjustments) they are in. */
  readonly month: string;
  /** Set where they came too late for the bill of this month. */
  readonly originMonth?: string;
}

export function billPlaceOf({ event, arrivedAt }: Incoming): BillPlace {
  const month = monthOf(event.time);
  if (Date.parse(arrivedAt) < billClosesAt(month)) return { month };
  return { month: monthOf(arrivedAt), originMonth: month };
}

export function usageRef(
  { tenant }: Incoming,
  deviceId: string,
  { month, originMonth }: BillPlace,
): StateRef<UsageMonth | UsageAdjustment> {
  return {
    pk: usagePartition(tenant, deviceId),
    sk: originMonth === undefined ? month : adjustmentSort(month, originMonth),
  };
}

/** @returns the bill (or adjustment) with the quantities of one more reading. */
export function withUsage(
  before: UsageMonth | undefined,
  usage: Readonly<Record<string, number>>,
  { month, originMonth }: BillPlace,
): UsageMonth | UsageAdjustment {
  const { kept, dropped } = withFirstNames(
    before?.meters ?? {},
    Object.entries(usage).map(([meter, quantity]) => [meter, usageOf(quantity)] as const),
    MOST_BILLED_METERS,
    added,
  );
  const others = dropped.reduce(added, before?.others);
  return {
    closesAt: new Date(billClosesAt(month)).toISOString(),
    ...(originMonth !== undefined && { originMonth }),
    readings: (before?.readings ?? 0) + 1,
    meters: kept,
    ...(others && { others }),
  };
}

function usageOf(quantity: number): MeterUsage {
  return { quantity: decimalText(decimalOf(quantity)), readings: 1 };
}

function added(a: MeterUsage | undefined, b: MeterUsage): MeterUsage {
  if (!a) return b;
  return {
    quantity: decimalText(parseDecimal(a.quantity) + parseDecimal(b.quantity)),
    readings: a.readings + b.readings,
  };
}
