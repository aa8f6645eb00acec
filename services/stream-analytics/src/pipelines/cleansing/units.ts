/** Beyond this a value is no measured one (`TelemetryData`). */
const MOST = 1e15;
/** What a conversion means; the rest of a double's digits is noise of the arithmetic. */
const DIGITS = 12;

export interface Conversion {
  readonly to: string;
  readonly convert: (value: number) => number;
}

const fahrenheit = (to: string): Conversion => ({ to, convert: (value) => ((value - 32) * 5) / 9 });
const times = (to: string, factor: number): Conversion => ({ to, convert: (v) => v * factor });

/** Names that say a unit other than ours, and what they become. A new one is an entry here. */
export const CONVERSIONS: ReadonlyMap<string, Conversion> = new Map([
  ['temperature_f', fahrenheit('temperature_c')],
  ['temp_f', fahrenheit('temp_c')],
  ['dew_point_f', fahrenheit('dew_point_c')],
  ['speed_mph', times('speed_ms', 0.44704)],
  ['wind_speed_mph', times('wind_speed_ms', 0.44704)],
  ['speed_kmh', times('speed_ms', 1 / 3.6)],
  ['wind_speed_kmh', times('wind_speed_ms', 1 / 3.6)],
  ['pressure_psi', times('pressure_kpa', 6.894757293168)],
  ['altitude_ft', times('altitude_m', 0.3048)],
  ['distance_mi', times('distance_km', 1.609344)],
  ['weight_lb', times('weight_kg', 0.45359237)],
]);

/** Undefined where the value would leave the range of measured ones. */
export function converted({ convert }: Conversion, value: number): number | undefined {
  const result = Number(convert(value).toPrecision(DIGITS));
  return Math.abs(result) <= MOST ? result : undefined;
}

/** What a quantity can be at all. A value outside is a fault of the sensor. */
export const POSSIBLE: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ['temperature_c', [-273.15, MOST]],
  ['temp_c', [-273.15, MOST]],
  ['dew_point_c', [-273.15, MOST]],
  ['humidity', [0, 100]],
  ['humidity_pct', [0, 100]],
  ['battery_pct', [0, 100]],
]);
