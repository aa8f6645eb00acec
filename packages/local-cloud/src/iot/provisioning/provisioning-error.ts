/** What the provisioning service refuses, as it tells it on `…/rejected`. */
export class ProvisioningError extends Error {
  readonly statusCode: 400 | 403 | 404 | 500;
  readonly errorCode: string;

  constructor(statusCode: ProvisioningError['statusCode'], errorCode: string, message: string) {
    super(message);
    this.name = 'ProvisioningError';
    this.statusCode = statusCode;
    this.errorCode = errorCode;
  }
}

export const invalidToken = (message: string) =>
  new ProvisioningError(400, 'InvalidCertificateOwnershipToken', message);

export const invalidParameters = (message: string) =>
  new ProvisioningError(400, 'InvalidParameters', message);
