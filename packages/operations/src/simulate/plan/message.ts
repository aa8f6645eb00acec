/** Millionths. Every value is a whole number of them, so that any sum of them is exact. */
export type Micros = number;

/** What a device measured, as its own clock dates it. */
export interface Reading {
  /** Milliseconds from the start of the run, the clock's error included. */
  readonly at: number;
  readonly metrics: Readonly<Record<string, Micros>>;
  readonly usage: Readonly<Record<string, Micros>>;
}

/** What firmware does wrong, each at most once a device. */
export const FAULTS = [
  'other_device',
  'not_json',
  'nan',
  'negative_usage',
  'missing_time',
  'too_many_metrics',
  'clock_in_1970',
  'clock_in_2999',
] as const;
export type Fault = (typeof FAULTS)[number];

export type Message =
  | {
      readonly kind: 'reading';
      readonly reading: Reading;
      /** Written with its names in another order: the same reading still. */
      readonly reordered?: true;
    }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly reading: Reading };

/** What a device does next, not before `at`: milliseconds from the start of the run. */
export type Step =
  | {
      readonly kind: 'send';
      readonly at: number;
      readonly message: Message;
      /** How often it is delivered again, with DUP set, though it was acknowledged. */
      readonly copies: number;
      readonly again?: true;
    }
  /** The connection is lost while the message is on its way; it is sent again at `backAt`. */
  | {
      readonly kind: 'drop';
      readonly at: number;
      readonly message: Message;
      readonly backAt: number;
    }
  /** More than 128 KB: the broker closes the connection. */
  | { readonly kind: 'oversize'; readonly at: number };

export interface DeviceClock {
  readonly skewMs: number;
  /** How it writes times: minutes east of UTC. */
  readonly offsetMinutes: number;
}

/**
 * `babbling`: sends more than its quota. `astray`: its clock is beyond the horizon.
 * `disabled`, `unknown`: not among the fleet's own; nothing of them is taken.
 */
export type Role = 'ordinary' | 'babbling' | 'astray' | 'disabled' | 'unknown';

export interface DevicePlan {
  readonly index: number;
  readonly role: Role;
  readonly clock: DeviceClock;
  /** Set where it must be another than the platform's own. */
  readonly quota?: { readonly perMinute: number; readonly burst: number };
  readonly steps: readonly Step[];
}

export interface FleetOptions {
  readonly seed: number;
  readonly devices: number;
  /** Readings a second of each device. */
  readonly rate: number;
  readonly minutes: number;
  /** The first so many devices have certificates. */
  readonly tls: number;
}

export interface FleetPlan {
  readonly options: FleetOptions;
  readonly devices: readonly DevicePlan[];
}
