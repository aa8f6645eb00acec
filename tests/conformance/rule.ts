import type { Stage } from './stage/stage.ts';

/**
 * One sentence of AWS's documentation as an executable test. It knows AWS's APIs only, so that it can
 * be asked of every implementation.
 */
export interface Rule {
  /** `<area>/<the rule in kebab case>`; unique. */
  readonly id: string;
  /** The rule as a sentence without its full stop. */
  readonly title: string;
  /** The AWS page that says so. */
  readonly page: string;
  /**
   * The rule lets time pass (`stage.pass`): where a clock can be moved, it is moved for everything
   * that runs there, so that such rules run alone.
   */
  readonly movesClock?: boolean;
  /** The rule kills the implementation, or measures it: no other rule may run at the same time. */
  readonly alone?: boolean;
  /** How long the rule may take, in milliseconds of real time; default 60,000. */
  readonly limitMs?: number;
  /** Resolves when the rule holds; throws what was seen instead. */
  run(stage: Stage): Promise<void>;
}

/** The implementation says that it has no such call, parameter or feature. */
export class NotOffered extends Error {
  override readonly name = 'NotOffered';
}

/** Whether the rule holds cannot be seen from outside here, e.g. because a day would have to pass. */
export class NotObservable extends Error {
  override readonly name = 'NotObservable';
}

/** Whether other rules may be asked of the same implementation at the same time. */
export const runsAlone = ({ movesClock, alone }: Rule): boolean =>
  movesClock === true || alone === true;
