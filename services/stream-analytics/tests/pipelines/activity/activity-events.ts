import type { EventOf } from '@millrace/types';
import type { Incoming } from '../../../src/domain/engine/pipeline.ts';

type Data = EventOf<'millrace.activity.v1'>['data'];

/** @param time `23T09:41:00` is of November 2026; or a whole one. */
export function activity(id: string, time: string, data: Partial<Data>): Incoming {
  return {
    tenant: 'acme',
    arrivedAt: '2026-12-20T00:00:00.000Z',
    event: {
      specversion: '1.0',
      id,
      source: '/app',
      type: 'millrace.activity.v1',
      time: /^\d{4}-/.test(time) ? time : `2026-11-${time}Z`,
      data: { name: 'view_product', userId: 'u1', ...data },
    },
  };
}

/** Actions `name time` of one user. */
export function actions(...all: string[]): Incoming[] {
  return all.map((one, at) => {
    const [name = '', time = ''] = one.split(' ');
    return activity(`e${at}`, time, { name });
  });
}
