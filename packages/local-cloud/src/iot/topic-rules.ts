import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { PacedInvocations, TopicRuleTrigger } from '../ports.ts';
import type { CloudState } from '../state.ts';
import { type ActionPorts, handOver, resourceOf, runAction } from './rule-actions.ts';
import { SqlEvaluation, type SqlResult } from './sql/evaluate.ts';
import { parseStatement } from './sql/parse.ts';
import { SqlSyntaxError, type Statement } from './sql/syntax.ts';
import { topicMatches } from './topic-filter.ts';

/** A message on its way through the broker. */
export interface RuleMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly clientId?: string | undefined;
  /** How many republish actions it has come through. */
  readonly hops: number;
}

export interface TopicRules {
  /** Replaces the rules of a service. A rule whose SQL is not understood is left out, with a warning. */
  apply(service: string, rules: readonly TopicRuleTrigger[]): void;
  remove(service: string): void;
  /**
   * Runs every rule that matches. Resolves when each action's message is durable at its target (or
   * reported to the rule's error action); rejects when this machine cannot store it, and the
   * publisher must not be told that it arrived.
   */
  process(message: RuleMessage): Promise<void>;
  status(): readonly RuleStatus[];
}

export interface RuleStatus {
  readonly service: string;
  readonly ruleName: string;
  readonly sql: string;
  readonly matched: number;
  readonly failed: number;
  readonly lastError?: string;
}

interface ActiveRule {
  readonly service: string;
  readonly trigger: TopicRuleTrigger;
  readonly statement: Statement;
  matched: number;
  failed: number;
  lastError?: string;
}

/** What an action could not do, as the error action is told. */
interface Failure {
  readonly failedAction: string;
  readonly failedResource: string;
  readonly errorMessage: string;
}

export function createTopicRules(
  options: ActionPorts & {
    readonly state: CloudState;
    readonly clock: Clock;
    readonly async: PacedInvocations;
    readonly log: (line: string) => void;
  },
): TopicRules {
  const { state, clock, log } = options;
  const rules = new Map<string, readonly ActiveRule[]>();

  function matching(topic: string): ActiveRule[] {
    return [...rules.values()]
      .flat()
      .filter(
        ({ trigger, statement }) => trigger.enabled && topicMatches(statement.topicFilter, topic),
      );
  }

  async function process(message: RuleMessage): Promise<void> {
    const runs = matching(message.topic).flatMap((rule) => {
      const evaluation = new SqlEvaluation({
        ...message,
        traceId: randomUUID(),
        timestamp: clock.now(),
      });
      const result = evaluation.select(rule.statement);
      return result ? [{ rule, evaluation, result }] : [];
    });
    // All that goes to functions is queued in one transaction, before anything is waited for: the
    // messages of one device stay in their order, and a kill queues them all or none.
    const pending = state.transaction(() => runs.map((run) => startRule(run, message)));
    const functions = new Set(runs.flatMap(({ rule }) => functionsOf(rule.trigger)));
    await Promise.all([
      ...pending.map((finish) => finish()),
      // The message is taken by now. A publisher that waits for its PUBACK waits for its turn, too.
      ...[...functions].map((name) => options.async.room(name)),
    ]);
  }

  interface Run {
    readonly rule: ActiveRule;
    readonly evaluation: SqlEvaluation;
    readonly result: SqlResult;
  }

  /** Queues the Lambda actions now; the function that it returns does what takes time. */
  function startRule({ rule, evaluation, result }: Run, message: RuleMessage): () => Promise<void> {
    rule.matched += 1;
    const failures: Failure[] = [];
    const remaining = rule.trigger.actions.filter((action) => {
      const outcome = handOver(action, result, options.async);
      if (outcome === 'later') return true;
      if (outcome !== 'done') failures.push(failure(action, outcome.error));
      return false;
    });
    const report = () => reportFailures(rule, evaluation, message, failures);
    // A failure known by now is reported within the transaction too, if its report is an invocation.
    const reported = remaining.length === 0 && failures.length > 0 ? report() : undefined;
    return async () => {
      await Promise.all(
        remaining.map(async (action) => {
          try {
            await runAction(action, result, evaluation, message, options);
          } catch (error) {
            failures.push(failure(action, error));
          }
        }),
      );
      if (reported) await reported;
      else if (failures.length > 0) await report();
    };
  }

  async function reportFailures(
    rule: ActiveRule,
    evaluation: SqlEvaluation,
    message: RuleMessage,
    failures: readonly Failure[],
  ): Promise<void> {
    const { ruleName, errorAction } = rule.trigger;
    rule.failed += 1;
    rule.lastError = failures.map((one) => one.errorMessage).join('; ');
    const record = errorRecord(rule, evaluation, message, failures);
    if (!errorAction) {
      log(`iot: rule ${ruleName} failed and has no error action: ${rule.lastError}`);
      return;
    }
    const outcome = handOver(errorAction, record, options.async);
    if (outcome === 'done') return;
    try {
      if (outcome !== 'later') throw outcome.error;
      await runAction(errorAction, record, evaluation, message, options);
    } catch (error) {
      // As in AWS, the message is lost to this rule when the error action fails as well.
      log(`iot: rule ${ruleName} failed, and so did its error action: ${String(error)}`);
    }
  }

  return {
    process,
    apply(service, triggers) {
      const before = new Map(
        (rules.get(service) ?? []).map((rule) => [rule.trigger.ruleName, rule]),
      );
      rules.set(
        service,
        triggers.flatMap((trigger) => activate(service, trigger, before, log)),
      );
    },
    remove(service) {
      rules.delete(service);
    },
    status: () =>
      [...rules.values()].flat().map(({ service, trigger, matched, failed, lastError }) => ({
        service,
        ruleName: trigger.ruleName,
        sql: trigger.sql,
        matched,
        failed,
        ...(lastError !== undefined && { lastError }),
      })),
  };
}

function activate(
  service: string,
  trigger: TopicRuleTrigger,
  before: ReadonlyMap<string, ActiveRule>,
  log: (line: string) => void,
): ActiveRule[] {
  try {
    const statement = parseStatement(trigger.sql);
    const { matched = 0, failed = 0 } = before.get(trigger.ruleName) ?? {};
    return [{ service, trigger, statement, matched, failed }];
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    log(`iot: rule ${trigger.ruleName} of ${service} does not run: ${error.message}`);
    return [];
  }
}

function functionsOf({ actions }: TopicRuleTrigger): string[] {
  return actions.flatMap((action) => (action.kind === 'lambda' ? [action.functionName] : []));
}

function failure(action: TopicRuleTrigger['actions'][number], error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  const name = `${action.kind.charAt(0).toUpperCase()}${action.kind.slice(1)}Action`;
  return { failedAction: name, failedResource: resourceOf(action), errorMessage: reason };
}

/**
 * One record per rule and message, however many actions failed.
 * https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
 */
function errorRecord(
  rule: ActiveRule,
  evaluation: SqlEvaluation,
  message: RuleMessage,
  failures: readonly Failure[],
): SqlResult {
  const record = {
    ruleName: rule.trigger.ruleName,
    topic: message.topic,
    cloudwatchTraceId: evaluation.traceId,
    clientId: message.clientId ?? 'N/A',
    base64OriginalPayload: message.payload.toString('base64'),
    failures,
  };
  return { body: Buffer.from(JSON.stringify(record)), json: true };
}
