import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { en } from 'zod/locales';
import { LocalCloudError } from '../errors.ts';
import { FaultPlan, type FaultPlanInput } from './plan.ts';

/** zod/mini words no problems by itself. */
const { localeError: error } = en();

type Path = readonly PropertyKey[];

/**
 * A plan from YAML text (JSON is YAML).
 *
 * @param source what the message calls the text, e.g. its file
 * @throws LocalCloudError FAULTS_INVALID naming the first place that is wrong, with its line
 */
export function parseFaultPlan(text: string, source = 'The fault plan'): FaultPlan {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) throw invalid(source, `line ${lines.linePos(broken.pos[0]).line}`, broken.message);
  const lineOf = (path: Path): number | undefined => {
    // What is missing has no line: the nearest thing around it has.
    for (let length = path.length; length >= 0; length -= 1) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      const range = (node as { range?: [number, number, number] } | undefined)?.range;
      if (range) return lines.linePos(range[0]).line;
    }
    return undefined;
  };
  return check(document.toJS(), source, lineOf);
}

/** @throws LocalCloudError FAULTS_INVALID */
export function checkFaultPlan(plan: FaultPlanInput): FaultPlan {
  return check(plan, 'The fault plan', () => undefined);
}

/** @throws LocalCloudError FAULTS_INVALID; also when the file cannot be read */
export function readFaultPlan(file: string): FaultPlan {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LocalCloudError(
      'FAULTS_INVALID',
      `The fault plan ${file} cannot be read (${(cause as Error).message}): name a file that can, or leave it out.`,
      { cause },
    );
  }
  return parseFaultPlan(text, `The fault plan ${file}`);
}

function check(
  value: unknown,
  source: string,
  lineOf: (path: Path) => number | undefined,
): FaultPlan {
  const parsed = FaultPlan.safeParse(value, { error });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  const line = lineOf(path);
  const place = `${path.length > 0 ? pathText(path) : 'its top level'}${line ? ` (line ${line})` : ''}`;
  throw invalid(source, place, issue?.message ?? 'not understood');
}

function invalid(source: string, place: string, problem: string): LocalCloudError {
  const [firstLine] = problem.split('\n');
  return new LocalCloudError(
    'FAULTS_INVALID',
    `${source} is not valid at ${place}: ${firstLine}. docs/faults-and-time.md shows every key.`,
  );
}

/** `invocations[0].kill` */
function pathText(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      return index === 0 ? String(part) : `.${String(part)}`;
    })
    .join('');
}
