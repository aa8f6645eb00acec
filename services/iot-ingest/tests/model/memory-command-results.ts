import type { CommandItem } from '@millrace/types';
import type { CommandResults } from '../../src/domain/commands/record-result.ts';

type Ended = Pick<CommandItem, 'state' | 'result' | 'lateResult'>;

/** Held to the same contract tests as the table. */
export function memoryCommandResults(
  commands: readonly Pick<CommandItem, 'deviceId' | 'commandId' | 'timeoutAt'>[],
): CommandResults & { find(deviceId: string, commandId: string): Promise<Ended | undefined> } {
  const kept = new Map(
    commands.map(({ deviceId, commandId, timeoutAt }) => [
      `${deviceId}/${commandId}`,
      { timeoutAt, ended: { state: 'sent' } as Ended },
    ]),
  );
  return {
    find: async (deviceId, commandId) => kept.get(`${deviceId}/${commandId}`)?.ended,
    async record(deviceId, commandId, result) {
      const command = kept.get(`${deviceId}/${commandId}`);
      if (command === undefined) return 'unknown';
      const { ended, timeoutAt } = command;
      if (ended.state === 'sent' && result.at <= timeoutAt) {
        command.ended = { state: result.outcome, result };
        return 'recorded';
      }
      if (ended.state === 'sent' || (ended.state === 'timed_out' && !ended.lateResult)) {
        command.ended = { state: 'timed_out', lateResult: result };
        return 'late';
      }
      return 'repeated';
    },
  };
}
