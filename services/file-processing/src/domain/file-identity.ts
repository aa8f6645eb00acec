import { DEFAULT_TENANT, derivedId, Tenant } from '@millrace/types';

export interface FileIdentity {
  readonly tenant: string;
  readonly fileId: string;
  /** As a person would call the file: the last part of the key. */
  readonly name: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Whom an uploaded object belongs to. Uploads through the API lie under `<tenant>/<fileId>/<name>`
 * with a UUID as file id. Any other key is a file of the tenant `default` with an id derived from
 * bucket and key: to take just any second part of a path for an id would make one file of all the
 * pictures in `photos/2026/`.
 */
export function fileIdentity(bucket: string, key: string): FileIdentity {
  const [tenant = '', fileId = '', name = '', ...more] = key.split('/');
  if (more.length === 0 && name !== '' && UUID.test(fileId) && Tenant.safeParse(tenant).success) {
    return { tenant, fileId, name };
  }
  return {
    tenant: DEFAULT_TENANT,
    fileId: derivedId('object', `${bucket}/${key}`),
    name: key.split('/').findLast((part) => part !== '') ?? key,
  };
}
