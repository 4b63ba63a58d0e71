import { SideUnavailableError } from './errors.ts';
import { Gate, type GateOptions, type Pass } from './gate.ts';

/** Why a message waits that met a closed gate; its reason in Redis is this word and the side's name. */
export const parkedWhy = 'parked';

/** The gates of all sides that were called so far, made on first use. */
export class Gates {
  readonly #gates = new Map<string, Gate>();
  readonly #options: Omit<GateOptions, 'side'>;

  constructor(options: Omit<GateOptions, 'side'> = {}) {
    this.#options = options;
  }

  of(side: string): Gate {
    const known = this.#gates.get(side);
    if (known !== undefined) return known;
    const gate = new Gate({ ...this.#options, side });
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
  enterAll([first, second]: readonly [Gate, Gate]): [Pass, Pass] {
    const pass = first.enter();
    if (pass === undefined) throw parked(first);
    const other = second.enter();
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
