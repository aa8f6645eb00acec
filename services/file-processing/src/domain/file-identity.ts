import { DEFAULT_TENANT, Tenant } from '@millrace/types';
import { v5 } from 'uuid';

export interface FileIdentity {
  readonly tenant: string;
  readonly fileId: string;
  /** As a person would call the file: the last part of the key. */
  readonly name: string;
}

/** Drawn once for this platform: changing it changes every derived id. */
const NAMESPACE = '97ef4a1c-6f0b-4ab1-9f0a-5b7c61a3a0d2';

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
    fileId: v5(`${bucket}/${key}`, NAMESPACE),
    name: key.split('/').findLast((part) => part !== '') ?? key,
  };
}
