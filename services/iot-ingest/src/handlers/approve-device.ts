import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';
import {
  dynamoDeadLetters,
  functionHandler,
  MetricUnit,
  metrics,
  readConfig,
  traceClient,
} from '@millrace/middleware';
import { deadLetterRefusedClaims } from '../adapters/dead-letter-refused-claims.ts';
import { dynamoClaimStore } from '../adapters/dynamo-claim-store.ts';
import { dynamoQuotaCounter } from '../adapters/dynamo-quota-counter.ts';
import { iotUnclaimedCertificates } from '../adapters/iot-unclaimed-certificates.ts';
import { readProvisioningEvent } from '../adapters/provisioning-event.ts';
import { ApproveDeviceConfig } from '../config.ts';
import { approveDevice } from '../domain/provisioning/approve-device.ts';
import { leasedQuotas } from '../domain/quota/device-quotas.ts';

const config = readConfig(ApproveDeviceConfig);
const dynamo = traceClient(new DynamoDBClient({}));
const deadLetters = dynamoDeadLetters({ client: dynamo, table: config.DEAD_LETTERS_TABLE });
const ports = {
  claims: dynamoClaimStore(dynamo, config.DEVICES_TABLE),
  certificates: iotUnclaimedCertificates(traceClient(new IoTClient({}))),
  quotas: leasedQuotas(dynamoQuotaCounter(dynamo, config.QUOTAS_TABLE)),
};
const COUNTED = {
  approved: 'DevicesApproved',
  refused: 'RecordsDeadLettered',
  over_quota: 'ClaimsOverQuota',
} as const;

export const handler = functionHandler(async (event: unknown, { functionName }) => {
  const refused = deadLetterRefusedClaims(deadLetters, functionName);
  const approval = await approveDevice(readProvisioningEvent(event), Date.now(), {
    ...ports,
    refused,
  });
  metrics.addMetric(COUNTED[approval], MetricUnit.Count, 1);
  return { allowProvisioning: approval === 'approved' };
});
