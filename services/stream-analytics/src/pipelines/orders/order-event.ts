import { readerOf } from '../../domain/incoming-event.ts';

export const readOrder = readerOf('millrace.order.v1');
