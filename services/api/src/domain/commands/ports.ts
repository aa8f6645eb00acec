import type { CommandItem, CommandMessage } from '@millrace/types';
import type { PageRequest, StoredPage } from '../paging.ts';

export interface CommandStore {
  /** Stores the command unless there is one with its id; returns what is stored then. */
  addOnce(command: CommandItem): Promise<CommandItem>;
  find(deviceId: string, commandId: string): Promise<CommandItem | undefined>;
  /** The newest first; `last` is the id of the last one. */
  list(deviceId: string, page: PageRequest): Promise<StoredPage<CommandItem>>;
  /** Ends a command that is still `sent` as `timed_out`; returns what is stored then. */
  timeOut(command: CommandItem): Promise<CommandItem>;
}

export interface CommandTopic {
  /** QoS 1: the device may get it twice. */
  send(deviceId: string, message: CommandMessage): Promise<void>;
}
