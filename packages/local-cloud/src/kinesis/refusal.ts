import type { EngineAnswer } from '../engines/kinesis.ts';

/** An error as the JSON protocol tells it: the sender is at fault. */
export function refusal(__type: string, message: string): EngineAnswer {
  return { status: 400, body: { __type, message } };
}
