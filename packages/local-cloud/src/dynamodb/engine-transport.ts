/** A request to a DynamoDB engine, whose path is always `/`. */
export interface EngineRequest {
  readonly method: string;
  /** Of this request, not of its connection; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface EngineAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface EngineTransport {
  /** Rejects when there is no whole answer: the request may have been carried out or not. */
  send(request: EngineRequest): Promise<EngineAnswer>;
  close(): void;
}
