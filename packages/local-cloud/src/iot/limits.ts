/**
 * AWS IoT Core's limits of a message.
 * https://docs.aws.amazon.com/general/latest/gr/iot-core.html#message-broker-limits
 */
export const MAX_PAYLOAD_BYTES = 128 * 1024;
const MAX_TOPIC_BYTES = 256;
const MAX_TOPIC_SLASHES = 7;

/** Why nobody may publish to the topic, or `undefined` when it is in order. */
export function topicProblem(topic: string): string | undefined {
  if (topic === '') return 'the topic is empty';
  if (/[+#]/.test(topic)) return 'a topic to publish to holds no wildcards';
  if (topic.includes('\0')) return 'the topic holds a NUL character';
  if (topic.startsWith('$')) return `topics under ${topic.split('/')[0]} are reserved`;
  if (Buffer.byteLength(topic) > MAX_TOPIC_BYTES) {
    return `the topic is longer than ${MAX_TOPIC_BYTES} bytes`;
  }
  if (topic.split('/').length - 1 > MAX_TOPIC_SLASHES) {
    return `the topic has more than ${MAX_TOPIC_SLASHES} slashes`;
  }
  return undefined;
}
