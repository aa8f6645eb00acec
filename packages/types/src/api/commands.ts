import * as z from 'zod/mini';

/** Bytes of JSON: with what is around it, a message of MQTT has 128 KiB at most. */
export const MAX_COMMAND_PAYLOAD_BYTES = 100_000;

const payload = z
  .unknown()
  .check(
    z.refine(
      (value) => bytesOf(value) <= MAX_COMMAND_PAYLOAD_BYTES,
      `must have at most ${MAX_COMMAND_PAYLOAD_BYTES} bytes of JSON`,
    ),
  );

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? '').byteLength;
}

export const CommandRequest = z.object({
  name: z
    .string()
    .check(z.regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'must be a name like open_gate')),
  payload: z.optional(payload),
  /** How long the device has to answer. */
  timeoutSeconds: z._default(z.int().check(z.gte(1), z.lte(7 * 86_400)), 60),
});
export type CommandRequest = z.infer<typeof CommandRequest>;

const CommandResult = z.object({
  outcome: z.enum(['succeeded', 'failed']),
  payload: z.optional(z.unknown()),
  at: z.string(),
});

export const CommandResource = z.object({
  commandId: z.string(),
  deviceId: z.string(),
  name: z.string(),
  payload: z.optional(z.unknown()),
  state: z.enum(['sent', 'succeeded', 'failed', 'timed_out']),
  createdAt: z.string(),
  timeoutAt: z.string(),
  result: z.optional(CommandResult),
  /** The device's answer, where it came after the time was over; the state stays `timed_out`. */
  lateResult: z.optional(CommandResult),
});
export type CommandResource = z.infer<typeof CommandResource>;

export const CommandList = z.object({
  items: z.array(CommandResource),
  cursor: z.optional(z.string()),
});
