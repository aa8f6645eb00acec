export { type Severity, severityOf } from './console-lines.ts';
export { choosePorts, problemsBeforeStart, serviceFolders } from './preflight.ts';
export { type Stack, type StackOptions, startStack } from './stack.ts';
