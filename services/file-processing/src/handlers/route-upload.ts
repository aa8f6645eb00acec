import { functionHandler } from '@millrace/middleware';
import { routerAdapters } from '../adapters/index.ts';
import { writtenVersions } from '../adapters/s3-notification.ts';
import { routerConfig } from '../config.ts';
import { kinds } from '../domain/kinds.ts';
import { routeUpload } from '../domain/route-upload.ts';
import { eachChange } from './each-change.ts';

const ports = { ...routerAdapters(routerConfig()), kinds };

export const handler = functionHandler<unknown, void>((event, invocation) =>
  eachChange(writtenVersions(event), invocation, (version) => routeUpload(version, ports)),
);
