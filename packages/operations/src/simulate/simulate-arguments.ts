import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.ts';

export interface SimulateArguments {
  readonly help: boolean;
  readonly json: boolean;
  readonly seed: number;
  readonly devices: number;
  /** Readings a second of each device. */
  readonly rate: number;
  readonly minutes: number;
  /** Devices that connect over TLS with a certificate. */
  readonly tls: number;
  /** How long the platform may stand still. */
  readonly timeoutMs: number;
}

const MOST_DEVICES = 10_000;
/** IoT Core takes a hundred messages a second of one connection; a device here waits for each PUBACK. */
const MOST_RATE = 20;
const MOST_MINUTES = 60;
/** The plan is kept in memory. */
const MOST_READINGS = 2_000_000;
/** A quota lets at most 6,000 messages through in a minute, and all may have to be sent late at once. */
const MOST_READINGS_PER_DEVICE = 5_000;

/** @throws UsageError, or what parseArgs throws */
export function readSimulateArguments(args: readonly string[]): SimulateArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: 'string', default: '100' },
      rate: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      tls: { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '120' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const read = {
    help: values.help,
    json: values.json,
    seed: whole('seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
    devices: whole('devices', values.devices, 1, MOST_DEVICES),
    rate: positive('rate', values.rate, MOST_RATE),
    minutes: positive('minutes', values.minutes, MOST_MINUTES),
    tls: whole('tls', values.tls, 0, MOST_DEVICES),
    timeoutMs: positive('timeout', values.timeout, 3_600) * 1000,
  };
  requireBounded(read);
  return read;
}

function requireBounded({ devices, rate, minutes }: SimulateArguments): void {
  const perDevice = rate * minutes * 60;
  if (perDevice < 1) {
    throw new UsageError('That is not one reading of each device: raise --rate or --minutes.');
  }
  if (perDevice > MOST_READINGS_PER_DEVICE) {
    throw new UsageError(
      `--rate × --minutes are ${Math.round(perDevice)} readings of each device: ask for at most ${MOST_READINGS_PER_DEVICE}.`,
    );
  }
  if (perDevice * devices > MOST_READINGS) {
    throw new UsageError(
      `--devices × --rate × --minutes are ${Math.round(perDevice * devices)} readings: ask for at most ${MOST_READINGS}.`,
    );
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most)
    return value;
  throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not "${text}".`);
}

function positive(name: string, text: string, most: number): number {
  const value = Number(text);
  if (value > 0 && value <= most) return value;
  throw new UsageError(`--${name} takes a number above 0, at most ${most}, not "${text}".`);
}
