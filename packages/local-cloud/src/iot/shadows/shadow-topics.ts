import type { Clock } from '../../clock.ts';
import type { ReservedTopics } from '../reserved-topics.ts';
import { ShadowError } from './request.ts';
import type { ShadowMessage, Shadows } from './shadows.ts';

/** What the service listens to. */
export const SHADOW_TOPIC = /^\$aws\/things\/([\w:-]{1,128})\/shadow\/(update|get|delete)$/;

/**
 * Shadows over MQTT: a request is stored, and the rules have taken what the service says to it,
 * before its sender gets the acknowledgement.
 * https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-mqtt.html
 */
export function createShadowTopics(options: {
  readonly shadows: Shadows;
  readonly clock: Clock;
  /** Publishes to everybody. */
  publish(topic: string, payload: Buffer): Promise<void>;
}): ReservedTopics {
  const { shadows, clock, publish } = options;

  function answers(thing: string, operation: string, payload: Buffer): readonly ShadowMessage[] {
    try {
      if (operation === 'update') return shadows.update(thing, payload);
      return operation === 'get' ? shadows.get(thing, payload) : shadows.remove(thing, payload);
    } catch (error) {
      if (!(error instanceof ShadowError)) throw error;
      const { code, message, clientToken } = error;
      const timestamp = Math.floor(clock.now() / 1000);
      return [
        { topic: `${operation}/rejected`, document: { code, message, timestamp, clientToken } },
      ];
    }
  }

  return {
    serves: (topic) => SHADOW_TOPIC.test(topic),
    isPrivate: () => false,
    async handle({ topic, payload }) {
      const [, thing = '', operation = ''] = SHADOW_TOPIC.exec(topic) ?? [];
      for (const answer of answers(thing, operation, payload)) {
        await publishShadow(publish, thing, answer);
      }
    },
  };
}

export function publishShadow(
  publish: (topic: string, payload: Buffer) => Promise<void>,
  thing: string,
  { topic, document }: ShadowMessage,
): Promise<void> {
  return publish(`$aws/things/${thing}/shadow/${topic}`, Buffer.from(JSON.stringify(document)));
}
