import type { Sandbox } from './sandbox.ts';

export interface SandboxPool {
  /** One that has nothing to do, or a new one; nobody else gets it until it is given back. */
  take(): Sandbox;
  giveBack(sandbox: Sandbox): void;
  /** Ends those that have nothing to do now, and the others when they come back. */
  renew(): void;
  /** Ends those that have had nothing to do for so long. */
  endIdle(longerThanMs: number): void;
  /** Ends all. */
  close(): void;
}

/** The sandboxes of one function. The one that worked last works next, as warm as can be. */
export function createSandboxPool(start: () => Sandbox): SandboxPool {
  let idle: { readonly sandbox: Sandbox; readonly since: number }[] = [];
  let busy = new Set<Sandbox>();
  const outdated = new Set<Sandbox>();

  return {
    take() {
      let sandbox = idle.pop()?.sandbox;
      while (sandbox?.isOver) sandbox = idle.pop()?.sandbox;
      sandbox ??= start();
      busy.add(sandbox);
      return sandbox;
    },
    giveBack(sandbox) {
      busy.delete(sandbox);
      if (outdated.delete(sandbox)) sandbox.end();
      if (!sandbox.isOver) idle.push({ sandbox, since: performance.now() });
    },
    renew() {
      for (const { sandbox } of idle) sandbox.end();
      idle = [];
      for (const sandbox of busy) outdated.add(sandbox);
    },
    endIdle(longerThanMs) {
      const before = performance.now() - longerThanMs;
      for (const { sandbox, since } of idle) if (since < before) sandbox.end();
      idle = idle.filter(({ sandbox }) => !sandbox.isOver);
    },
    close() {
      for (const sandbox of [...idle.map((one) => one.sandbox), ...busy]) sandbox.end();
      idle = [];
      busy = new Set();
    },
  };
}
