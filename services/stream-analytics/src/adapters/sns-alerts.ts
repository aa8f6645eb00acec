import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { traceClient } from '@millrace/middleware';
import type { DeviceAlert } from '@millrace/types';

/**
 * Tells alerts to a topic: the alert as JSON, what a subscription may filter by as attributes.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export function snsAlerts(topicArn: string): (alert: DeviceAlert) => Promise<void> {
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
    const { id, type, tenant, deviceId } = alert;
    const attributes = { id, type, tenant, deviceId };
    await client.send(
      new PublishCommand({
        TopicArn: topicArn,
        Message: JSON.stringify(alert),
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, StringValue]) => [
            name,
            { DataType: 'String', StringValue },
          ]),
        ),
      }),
    );
  };
}
