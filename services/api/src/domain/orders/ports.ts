import type { OrderItem } from '@millrace/types';
import type { PageRequest, StoredPage } from '../paging.ts';

export interface OrderStore {
  find(tenant: string, orderId: string): Promise<OrderItem | undefined>;
  list(tenant: string, page: PageRequest): Promise<StoredPage<OrderItem>>;
  /** Stores the order unless there is one with its id; returns what is stored then. */
  addOnce(order: OrderItem): Promise<OrderItem>;
}

export interface OrderTimes {
  /** Remembers when an order was first asked for; returns the time of the first call. */
  rememberFirst(tenant: string, orderId: string, time: string): Promise<string>;
}
