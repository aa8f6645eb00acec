/** What the engine does for a turn: takes messages, hands what it answers to `onData`. */
export interface SingleSession {
  run(messages: Buffer, onData: (data: Buffer) => void): Promise<void>;
  /** Whether a transaction is open after what ran last. */
  isInTransaction(): boolean;
}

export interface Turns {
  /**
   * Runs messages of a client when it is its turn. A client keeps its turn until its transaction
   * has ended, and between messages that no `Sync` has closed (`keepsTurn`).
   */
  run(
    client: number,
    messages: Buffer,
    keepsTurn: boolean,
    onData: (data: Buffer) => void,
  ): Promise<void>;
  /** The client is gone: what it has open is rolled back, `closing` runs, the next has its turn. */
  leave(client: number, closing: Buffer): Promise<void>;
  /** Clients other than the one whose turn it is wait. */
  isAwaited(): boolean;
  /** Whose turn it is between two of its messages. */
  holder(): number | undefined;
}

/**
 * The engine has one session: clients use it one after the other, a whole transaction each, so that
 * none sees or commits another's.
 */
export function createTurns(session: SingleSession): Turns {
  let holder: number | undefined;
  let isBusy = false;
  const waiting: { readonly client: number; readonly start: () => void }[] = [];

  function startNext(): void {
    if (isBusy) return;
    const at = holder === undefined ? 0 : waiting.findIndex(({ client }) => client === holder);
    const [next] = at < 0 ? [] : waiting.splice(at, 1);
    if (!next) return;
    isBusy = true;
    holder = next.client;
    next.start();
  }

  async function take<T>(client: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      waiting.push({ client, start });
      startNext();
    });
    try {
      return await work();
    } finally {
      isBusy = false;
      startNext();
    }
  }

  return {
    run: (client, messages, keepsTurn, onData) =>
      take(client, async () => {
        await session.run(messages, onData);
        if (!keepsTurn && !session.isInTransaction()) holder = undefined;
      }),
    leave: (client, closing) =>
      take(client, async () => {
        try {
          // Ends what no Sync has ended, a failed transaction too.
          await session.run(Buffer.concat([SYNC, closing]), () => {});
          if (session.isInTransaction()) await session.run(ROLLBACK, () => {});
        } finally {
          holder = undefined;
        }
      }),
    isAwaited: () => waiting.some(({ client }) => client !== holder),
    holder: () => (isBusy ? undefined : holder),
  };
}

const SYNC = Buffer.from('S\0\0\0\x04', 'latin1');
const ROLLBACK = Buffer.from('Q\0\0\0\x0dROLLBACK\0', 'latin1');
