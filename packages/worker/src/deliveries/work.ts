import type { ActivityStep, Delivery, Notification } from '@shopee-webhook/store';

/** How one delivery went. `steps` are the activity steps to record with its outcome. */
export type Handling =
  | { kind: 'done'; notification?: Notification | undefined; steps?: ActivityStep[] }
  | { kind: 'failed'; error: unknown; steps?: ActivityStep[] };

/** Deliveries that are handled together and wait for nobody else. */
export interface Work {
  deliveries: Delivery[];
  /** One handling per delivery, in the same order. Never rejects. Safe to run twice: effects are upserts by key. */
  handle(): Promise<Handling[]>;
}
