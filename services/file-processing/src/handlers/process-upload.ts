import { functionHandler } from '@millrace/middleware';
import { adapters } from '../adapters/index.ts';
import { writtenVersions } from '../adapters/s3-notification.ts';
import { config } from '../config.ts';
import { processUpload } from '../domain/process-upload.ts';
import { processors } from '../domain/processors/index.ts';
import { eachChange } from './each-change.ts';

const ports = { ...adapters(config), processors };

export const handler = functionHandler<unknown, void>((event, invocation) =>
  eachChange(writtenVersions(event), invocation, (version) => processUpload(version, ports)),
);
