import type { Identity } from './connections/identity.ts';

/** A message to a topic of AWS's own. */
export interface ReservedRequest {
  readonly topic: string;
  readonly payload: Buffer;
  /** Not there for the data plane. */
  readonly clientId?: string | undefined;
  /** Who sent it by TLS; the port without TLS and the data plane know nobody. */
  readonly identity?: Identity | undefined;
  /** Answers the connection that asks, and no other. Not there for the data plane. */
  reply?(topic: string, payload: Buffer): void;
}

/** The topics below `$aws` that somebody here listens to. */
export interface ReservedTopics {
  serves(topic: string): boolean;
  /** Resolves when all that must outlive the sender's acknowledgement is stored. */
  handle(request: ReservedRequest): Promise<void>;
  /** Whether the messages to the topic are for the service alone. */
  isPrivate(topic: string): boolean;
}

/** Each topic goes to the first service that listens to it. */
export function combineReservedTopics(services: readonly ReservedTopics[]): ReservedTopics {
  const serving = (topic: string) => services.find((service) => service.serves(topic));
  return {
    serves: (topic) => serving(topic) !== undefined,
    handle: (request) => serving(request.topic)?.handle(request) ?? Promise.resolve(),
    isPrivate: (topic) => services.some((service) => service.isPrivate(topic)),
  };
}

export const noReservedTopics: ReservedTopics = {
  serves: () => false,
  handle: () => Promise.resolve(),
  isPrivate: () => false,
};
