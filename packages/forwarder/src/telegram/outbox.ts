import type { Delivery, Settlement } from '@shopee-webhook/store';

/** Where notifications wait: store's Queue over the outbox' keys, or the spool's when there is no Redis. */
export interface Outbox {
  take(
    consumer: string,
    options: { max: number; blockMs: number; signal?: AbortSignal | undefined },
  ): Promise<Delivery[]>;
  settle(consumer: string, settlements: Settlement[]): Promise<unknown>;
  /** Puts deliveries that were not sent back at the head of the line. */
  giveBack(consumer: string, deliveries: Delivery[]): Promise<unknown>;
  heartbeat(consumer: string): Promise<void>;
  clearHeartbeat(consumer: string): Promise<void>;
  enqueue(payloadText: string): Promise<unknown>;
  /** Gives back what a dead sender held; absent where only one process can hold anything. */
  reap?(): Promise<unknown>;
  /** Makes what waits for another attempt due. */
  promote?(): Promise<unknown>;
}
