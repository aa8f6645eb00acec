import type { SqlEvaluation } from './sql/evaluate.ts';
import { cast } from './sql/operators.ts';
import { parseExpression } from './sql/parse.ts';

/**
 * Fills a substitution template of an action's setting: `devices/${topic(2)}/state`. An expression
 * without a value leaves nothing in its place.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-substitution-templates.html
 *
 * @throws SqlSyntaxError
 */
export function substitute(template: string, evaluation: SqlEvaluation): string {
  return template.replace(/\$\{([^}]*)\}/g, (_, expression: string) => {
    const value = cast(evaluation.value(parseExpression(expression)), 'string');
    return typeof value === 'string' ? value : '';
  });
}
