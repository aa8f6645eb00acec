import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { traceClient } from '@millrace/middleware';

/**
 * Tells alerts to a topic: the alert as JSON, what a subscription may filter by as attributes.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export function snsAlerts<A>(
  topicArn: string,
  attributesOf: (alert: A) => Readonly<Record<string, string>>,
): (alert: A) => Promise<void> {
  const client = traceClient(
    new SNSClient({
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: 4_000,
        throwOnRequestTimeout: true,
      },
    }),
  );
  return async (alert) => {
    await client.send(
      new PublishCommand({
        TopicArn: topicArn,
        Message: JSON.stringify(alert),
        MessageAttributes: Object.fromEntries(
          Object.entries(attributesOf(alert)).map(([name, StringValue]) => [
            name,
            { DataType: 'String', StringValue },
          ]),
        ),
      }),
    );
  };
}
