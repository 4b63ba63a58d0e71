import { SideUnavailableError } from '../errors.ts';
import { Gate, type GateOptions, type Pass } from './gate.ts';

/** Why a message waits that met a closed gate; its reason in Redis is this word and the side's name. */
export const parkedWhy = 'parked';

export interface GatesOptions extends Omit<GateOptions, 'side' | 'congestion'> {
  /** Messages that the worker holds at most; one slow side gets no more than its share of them. */
  maxMessages?: number;
}

/** A call to Shopee takes a quarter of a second; a flush is waited for, and its quota too. */
const slowAfterMs = { shopee: 3000, sheet: 30_000 };
const shareOfOneSide = 0.6;

function congestionOf(side: string, maxMessages: number): { messages: number; afterMs: number } {
  const afterMs = side.startsWith('sheet:') ? slowAfterMs.sheet : slowAfterMs.shopee;
  return { messages: Math.max(1, Math.floor(maxMessages * shareOfOneSide)), afterMs };
}

/** The gates of all sides that were called so far, made on first use. */
export class Gates {
  readonly #gates = new Map<string, Gate>();
  readonly #options: GatesOptions;

  constructor(options: GatesOptions = {}) {
    this.#options = options;
  }

  of(side: string): Gate {
    const known = this.#gates.get(side);
    if (known !== undefined) return known;
    const { maxMessages, ...options } = this.#options;
    const congestion = maxMessages === undefined ? {} : { congestion: congestionOf(side, maxMessages) };
    const gate = new Gate({ ...options, side, ...congestion });
    this.#gates.set(side, gate);
    return gate;
  }

  /** Those that are closed now, for health and metrics. */
  closed(): Gate[] {
    return [...this.#gates.values()].filter((gate) => gate.closedSince !== undefined);
  }

  /**
   * A pass for each of two gates. Throws SideUnavailableError, with the time for which the message is parked, when one
   * of them is closed; nobody's pass is used up then.
   */
  enterAll([first, second]: readonly [Gate, Gate], messages = 1): [Pass, Pass] {
    const pass = first.enter(messages);
    if (pass === undefined) throw parked(first);
    const other = second.enter(messages);
    if (other !== undefined) return [pass, other];
    pass.leave();
    throw parked(second);
  }
}

function parked(gate: Gate): SideUnavailableError {
  return new SideUnavailableError(gate.side, parkedWhy, { retryAfterMs: gate.parkMs() });
}

/** The name of a shop's side. */
export function shopSide(shopId: string): string {
  return `shopee:${shopId}`;
}

/** The name of a spreadsheet's side. */
export function sheetSide(spreadsheetId: string): string {
  return `sheet:${spreadsheetId}`;
}
