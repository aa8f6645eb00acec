import { type Column, tally, withoutNames } from './columns.ts';
import type { Rule } from './rule.ts';

/** The areas in the order of the page; a rule's id begins with its area. */
const AREAS: Readonly<Record<string, string>> = {
  'event-source-mappings': 'Event source mappings: Kinesis and DynamoDB Streams',
  kinesis: 'Kinesis Data Streams',
  dynamodb: 'DynamoDB Streams',
  s3: 'S3',
  sqs: 'SQS',
  asynchronous: 'Asynchronous invocation',
  iot: 'IoT Core',
  schedules: 'Schedules',
};

/** docs/conformance.md: what each implementation does, rule by rule. */
export function renderPage(rules: readonly Rule[], columns: readonly Column[]): string {
  const areas = Map.groupBy(rules, ({ id }) => id.split('/')[0] ?? '');
  const sections = [...areas].map(([area, ofArea]) => section(area, ofArea, columns));
  return `${introduction(rules, columns)}\n${sections.join('\n')}`;
}

const introduction = (rules: readonly Rule[], columns: readonly Column[]) => `# Conformance

What AWS documents, as ${rules.length} executable rules, each asked of several implementations in the same way: through AWS's own APIs, with functions that the suite plays. The rules are in \`tests/conformance/rules\`; each links to the AWS page that says so.

\`\`\`
npm run conformance                           # this table, on the terminal
npm run conformance -- --endpoint URL         # any other AWS-compatible endpoint beside Millrace
npm run conformance -- --only kinesis/        # rules whose id contains a text
npm run conformance -- --without MiniStack    # leaves one implementation out
npm run conformance -- --write                # writes this page
\`\`\`

Every change runs the rules against Millrace; the other columns are as last recorded, with nothing configured but what their documentation names. This page is generated: do not edit it.

API Gateway is not among them: locally the HTTP API is serverless-offline, whose authorizer decodes a token without verifying it. The functions verify every token themselves, and the tests of \`services/api\` hold that.

- **holds**: the documented behaviour was seen.
- **fails**: something else was seen; below each table stands what.
- not offered: the implementation refuses the call or the setting as one that it does not have.
- not observable: it cannot be seen from outside in reasonable time, because a day would have to pass, say, and the clock cannot be moved.

| implementation | version | cells |
|---|---|---|
${columns.map((column) => `| ${column.name} | ${column.version} | ${tally(column)} |`).join('\n')}
`;

function section(area: string, rules: readonly Rule[], columns: readonly Column[]): string {
  const rows = rules.map((rule) => {
    const cells = columns.map(({ cells }) => shown(cells[rule.id]?.kind));
    return `| [${rule.title}](${rule.page}) | ${cells.join(' | ')} |`;
  });
  const seen = columns.map((column) => seenInstead(column, rules)).filter((text) => text !== '');
  return `## ${AREAS[area] ?? area}

| rule | ${columns.map(({ name }) => name).join(' | ')} |
|---|${columns.map(() => '---|').join('')}
${rows.join('\n')}
${seen.map((text) => `\n${text}`).join('')}`;
}

function shown(kind: string | undefined): string {
  if (kind === 'holds' || kind === 'fails') return `**${kind}**`;
  return kind ?? 'not asked';
}

/** What an implementation did instead, rule by rule; empty where it keeps them all. */
function seenInstead({ name, cells }: Column, rules: readonly Rule[]): string {
  const lines = rules.flatMap((rule) => {
    const cell = cells[rule.id];
    if (!cell || cell.kind === 'holds') return [];
    return [`- ${rule.title}: ${cell.kind}: ${escaped(withoutNames(cell.reason))}`];
  });
  if (lines.length === 0) return '';
  return `<details>\n<summary>${name}: what was seen instead (${lines.length})</summary>\n\n${lines.join('\n')}\n\n</details>\n`;
}

/** As text: nothing of it is Markdown or HTML. */
const escaped = (text: string) =>
  text.replaceAll(/[\\`*_{}[\]<>|#]/g, (character) => `\\${character}`);
