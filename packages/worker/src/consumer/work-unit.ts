import type { ActivityEntry, Delivery, Notification } from '@shopee-webhook/store';

/** How one delivery went. `steps` are the activity steps to record with its outcome. */
export type HandlerResult =
  | { kind: 'done'; notification?: Notification | undefined; activity?: ActivityEntry[] }
  | { kind: 'failed'; error: unknown; activity?: ActivityEntry[] };

/** Deliveries that are handled together and wait for nobody else. */
export interface WorkUnit {
  deliveries: Delivery[];
  /** One handling per delivery, in the same order. Never rejects. Safe to run twice: effects are upserts by key. */
  process(): Promise<HandlerResult[]>;
}
