/** From the cloud to the host of a service's functions; the body of `invoke` is the event's JSON. */
export type ToFunctions =
  | {
      readonly kind: 'invoke';
      readonly id: number;
      readonly functionName: string;
      readonly requestId: string;
      /** The fault plan will stop it: the share in [0, 1) of it that is to be done before. */
      readonly stopMoment?: number;
    }
  /** Nobody waits for the answer any more: end it where it is. */
  | { readonly kind: 'stop'; readonly id: number };

/** Back; the body is the JSON of what the function returned, or of Lambda's error object. */
export interface FromFunctions {
  readonly id: number;
  readonly status: AnswerStatus;
}

/** `missing`: the host has no such function. */
export type AnswerStatus = 'success' | 'function-error' | 'missing';
