import { ShopeeError } from '@shopee-webhook/shopee';
import type { Alarms } from '../alarms.ts';
import { errorText, NotHandledError } from '../errors.ts';

export interface UnwrittenOrdersOptions {
  alarms: Pick<Alarms, 'begin' | 'end'>;
  /** Of the run's result: shop → what went wrong there. */
  failed: Record<string, string>;
}

interface NamedOrder {
  shopId: string;
  sn: string;
  /** What of it is to be written; the order when left out. */
  what?: 'order' | 'payout';
}

const namedAtMost = 10;

/**
 * Orders that a run could not bring into the sheet while there is no queue that would keep them: the run goes on, the
 * operator is told of each, and the result names them. Such an alarm ends when a run finds its order written.
 */
export class UnwrittenOrders {
  readonly #options: UnwrittenOrdersOptions;
  readonly #byShop = new Map<string, string[]>();
  /** Since the last look at `suspectShopee`. */
  #tried = 0;
  #unexplained = 0;

  constructor(options: UnwrittenOrdersOptions) {
    this.#options = options;
  }

  /** Brings one order; false when that failed through its own fault. Any other error passes: it would meet the next one too. */
  async bring(order: NamedOrder, work: () => Promise<unknown>): Promise<boolean> {
    this.#tried += 1;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof NotHandledError)) throw error;
      if (isUnexplained(error)) this.#unexplained += 1;
      await this.add(order, error);
      return false;
    }
    await this.written(order);
    return true;
  }

  async add(order: NamedOrder, error: unknown): Promise<void> {
    const { alarms, failed } = this.#options;
    const { shopId, sn, what = 'order' } = order;
    const why = errorText(error);
    const sns = [...(this.#byShop.get(shopId) ?? []), sn];
    this.#byShop.set(shopId, sns);
    failed[shopId] = `${String(sns.length)} not written: ${namesOf(sns)}; the last one because: ${why}`;
    await alarms.begin(alarmOf(order), {
      severity: 'warning',
      title: `Shop ${shopId}: the ${what} ${sn} could not be written`,
      text: `${why}. Mend what is wrong, then run ${remedies[what]}.`,
    });
  }

  /** Throws when each of several orders failed with an error that Shopee documents nowhere: that is Shopee, not the orders. */
  suspectShopee(): void {
    const [tried, unexplained] = [this.#tried, this.#unexplained];
    this.#tried = 0;
    this.#unexplained = 0;
    if (tried > 1 && unexplained === tried) throw new Error('Shopee answers every order with an undocumented error');
  }

  async written(order: NamedOrder): Promise<void> {
    await this.#options.alarms.end(alarmOf(order));
  }
}

function alarmOf({ shopId, sn, what = 'order' }: NamedOrder): string {
  return `unwritten-${what}:${shopId}:${sn}`;
}

function isUnexplained({ cause }: NotHandledError): boolean {
  return cause instanceof ShopeeError && !cause.recognised;
}

const remedies = {
  order: 'a reconcile from the day on which the order last changed',
  payout: 'the payouts from the day on which it was paid out',
};

function namesOf(sns: readonly string[]): string {
  const more = sns.length > namedAtMost ? ` and ${String(sns.length - namedAtMost)} more` : '';
  return `${sns.slice(0, namedAtMost).join(', ')}${more}`;
}
