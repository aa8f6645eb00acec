import * as z from 'zod/mini';

const State = z.record(z.string(), z.unknown());

/** Members replace those of the same name, in depth; `null` takes a member away. */
export const DesiredChange = State;

/** What a device should be and what it says it is. */
export const ShadowResource = z.object({
  deviceId: z.string(),
  desired: State,
  reported: State,
  /** What of the desired state the device does not report. */
  delta: State,
  /** 0 where nobody has said anything yet; otherwise also in the header `etag`. */
  version: z.int(),
});
export type ShadowResource = z.infer<typeof ShadowResource>;
