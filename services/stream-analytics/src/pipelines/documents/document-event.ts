import type { EventOf } from '@millrace/types';
import { readerOf } from '../../domain/incoming-event.ts';

export type DocumentEvent = EventOf<'millrace.document.v1'>;

export const readDocument = readerOf('millrace.document.v1');
