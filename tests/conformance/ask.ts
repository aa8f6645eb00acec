import type { Column } from './columns.ts';
import { judge, type Outcome } from './outcome.ts';
import type { Referee } from './referee.ts';
import { type Rule, runsAlone } from './rule.ts';
import type { Subject } from './subjects/subject.ts';

/** Asks an implementation all the rules: as many at once as said, then those that run alone. */
export async function ask(
  subject: Subject,
  rules: readonly Rule[],
  options: {
    readonly referee: Referee;
    readonly atOnce: number;
    onOutcome(rule: Rule, outcome: Outcome): void;
  },
): Promise<Column> {
  const cells: Record<string, Outcome> = {};

  async function one(rule: Rule): Promise<void> {
    const outcome = await judge(rule, subject, options.referee);
    cells[rule.id] = outcome;
    options.onOutcome(rule, outcome);
  }

  async function several(queue: Rule[]): Promise<void> {
    for (let rule = queue.shift(); rule; rule = queue.shift()) await one(rule);
  }

  const together = rules.filter((rule) => !runsAlone(rule));
  await Promise.all(Array.from({ length: options.atOnce }, () => several(together)));
  for (const rule of rules.filter(runsAlone)) await one(rule);
  return { name: subject.name, version: subject.version, cells };
}
