import {
  type CloudStatus,
  conditionOf,
  duration,
  shortFunctionName,
  sourceName,
} from '@millrace/local-cloud/status';
import { attention, type Finding, good, wrong } from './finding.ts';
import { lookAtQueues } from './look-at-queues.ts';

/** As `millrace mappings` has it. */
const BLOCKED_AFTER_MS = 60_000;

/** What is not as it should be in the local cloud that runs. */
export function lookAtStack(status: CloudStatus): Finding[] {
  return [
    ...lookAtServices(status),
    ...lookAtMappings(status),
    ...lookAtQueues(
      status.queues
        .filter(({ deadLettersOf }) => deadLettersOf.length > 0)
        .map(({ name, messages, inFlight, delayed }) => ({
          name,
          messages: messages + inFlight + delayed,
        })),
      'local',
    ),
    ...lookAtRules(status),
    ...lookAtLosses(status),
    ...lookAtOddities(status),
  ];
}

function lookAtServices({ services, addresses }: CloudStatus): Finding[] {
  const down = services.filter(({ running }) => !running).map(({ service }) => service);
  const running = good('cloud', `The local cloud answers at ${addresses.edge}`);
  if (services.length === 0) {
    const remedy = 'npm start, or npx sls offline in the folder of a service';
    return [running, attention('no_service', 'No service has joined it', remedy)];
  }
  if (down.length === 0) return [running, good('services', `${services.length} services run`)];
  const remedy = 'Their logs are in .local/logs; npm start starts all';
  return [running, wrong('service_down', `Not running: ${down.join(', ')}`, remedy)];
}

function lookAtMappings({ mappings }: CloudStatus): Finding[] {
  const troubled = mappings.flatMap((mapping) => {
    const condition = conditionOf(mapping, BLOCKED_AFTER_MS);
    const { functionName, service, lastError = 'its log says why' } = mapping;
    const name = `${shortFunctionName(functionName, service)} ← ${sourceName(mapping.source)}`;
    if (condition === 'blocked') {
      const remedy = 'Mend the function: npx millrace mappings shows the tries';
      return [wrong('mapping_blocked', `${name} is blocked: ${lastError}`, remedy)];
    }
    if (condition === 'waiting-for-source') {
      const remedy = 'Start the service that owns it';
      return [attention('source_missing', `${name} waits for its source`, remedy)];
    }
    return [];
  });
  if (troubled.length > 0) return troubled;
  return mappings.length > 0 ? [good('mappings', `${mappings.length} triggers, none blocked`)] : [];
}

function lookAtRules({ topicRules }: CloudStatus): Finding[] {
  return topicRules
    .filter(({ failed }) => failed > 0)
    .map(({ ruleName, failed, lastError }) =>
      attention(
        'topic_rule_failed',
        `The topic rule ${ruleName} failed ${failed} times: ${lastError}`,
        'Its error action has the messages: docs/operations.md',
      ),
    );
}

function lookAtLosses({ asynchronousInvocations }: CloudStatus): Finding[] {
  const { discarded, undelivered } = asynchronousInvocations;
  const findings = [];
  if (undelivered > 0) {
    const what = `${undelivered} records of failures were refused by their destination and are lost`;
    findings.push(wrong('failure_lost', what, 'The log of the cloud names them'));
  }
  if (discarded > 0) {
    const what = `${discarded} asynchronous events were given up since the cloud started`;
    findings.push(attention('event_given_up', what, 'Their records are in the failures queues'));
  }
  return findings;
}

function lookAtOddities({ clock, faults }: CloudStatus): Finding[] {
  const findings = [];
  if (clock.offsetMs > 0) {
    const what = `The clock of the cloud is ${duration(clock.offsetMs, 'en')} ahead`;
    findings.push(attention('clock_moved', what, 'npm run reset sets it right, and forgets all'));
  }
  if (faults) {
    const what = `Faults are injected on purpose, by seed ${faults.seed}`;
    findings.push(attention('faults_injected', what, 'Remove millrace.faults.yml and start again'));
  }
  return findings;
}
