import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import type { Stack } from '../stack/stack.ts';

const pollMs = 20;

/** Follows the tab Orders while it fills: how many orders it has, and since when each. */
export class SheetMonitor {
  /** Order number → when its row was first seen, ms since 1970; at most 20 ms late. */
  readonly seenAt = new Map<string, number>();
  readonly #stack: Stack;
  #row = 1;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** Resolves when so many orders are in the sheet; throws after `timeoutMs`. */
  async waitFor(count: number, timeoutMs: number): Promise<void> {
    const deadline = systemClock.monotonicMs() + timeoutMs;
    while (this.poll() < count) {
      if (systemClock.monotonicMs() > deadline)
        throw new Error(`${this.seenAt.size} of ${count} orders after ${timeoutMs / 1000} s`);
      await sleep(pollMs);
    }
  }

  /** Reads the rows added since the last call; returns how many there are by now. Nobody sorts or deletes: new rows are below the known ones. */
  poll(): number {
    const sheet = this.#stack.google.spreadsheet().sheetByTitle('Orders');
    if (sheet === undefined) return 0;
    const { rows } = sheet.grid;
    const column = rows[0]?.cells.indexOf('Order SN') ?? -1;
    for (; this.#row < rows.length; this.#row += 1) {
      const sn = rows[this.#row]?.cells[column];
      if (typeof sn !== 'string') break;
      this.seenAt.set(sn, systemClock.monotonicMs());
    }
    return this.seenAt.size;
  }
}
