/** Account and region of everything local, unless an ARN at hand says otherwise. */
export const LOCAL_ACCOUNT = '000000000000';
export const LOCAL_REGION = 'us-east-1';

/** `arn:aws:lambda:<region>:<account>:function:<name>` */
export function functionArn(functionName: string): string {
  return `arn:aws:lambda:${LOCAL_REGION}:${LOCAL_ACCOUNT}:function:${functionName}`;
}

/** The function's name if the ARN (with or without a qualifier) is a function's. */
export function functionNameOfArn(arn: string): string | undefined {
  return /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)/.exec(arn)?.[1];
}
