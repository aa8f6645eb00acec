import type { MovableClock } from '../movable-clock.ts';

/**
 * What the cloud's clock showed at a `second` (since the epoch) that the engine noted by the machine's.
 * Whole seconds hide whether something came before or after an advance in that second: it counts as
 * after, because a record that looks too young is delivered, and one too old is discarded.
 */
export function arrivalSecond(clock: MovableClock, second: number): number {
  return Math.floor(clock.arrivalOf(second * 1_000 + 999) / 1_000);
}
