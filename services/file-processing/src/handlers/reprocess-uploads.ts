import { functionHandler } from '@millrace/middleware';
import type { FoundFiles, LookedFiles, RedoneFiles } from '@millrace/types';
import { redoingAdapters } from '../adapters/index.ts';
import { parseReprocessRequest } from '../adapters/reprocess-request.ts';
import { routerConfig } from '../config.ts';
import { kinds } from '../domain/kinds.ts';
import { findToRedo, lookAfter, redoUpload } from '../domain/redo-upload.ts';

const ports = { ...redoingAdapters(routerConfig()), kinds };

/** Invoked by operators: `millrace reprocess`. */
export const handler = functionHandler<unknown, FoundFiles | RedoneFiles | LookedFiles>(
  async (event) => {
    const request = parseReprocessRequest(event);
    switch (request.action) {
      case 'find':
        return await findToRedo(request, ports);
      case 'redo':
        return {
          outcomes: await Promise.all(request.files.map((file) => redoUpload(file, ports))),
        };
      case 'look':
        return { states: await Promise.all(request.files.map((file) => lookAfter(file, ports))) };
    }
  },
);
