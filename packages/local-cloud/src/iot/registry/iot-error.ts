/** What AWS IoT's control plane refuses, with its code and HTTP status. */
export class IotError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = 'IotError';
    this.code = code;
    this.status = status;
  }
}

export const notFound = (what: string) =>
  new IotError('ResourceNotFoundException', 404, `${what} does not exist.`);

export const invalid = (message: string) => new IotError('InvalidRequestException', 400, message);

export const conflict = (code: string, message: string) => new IotError(code, 409, message);
