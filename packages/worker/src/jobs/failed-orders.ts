import { ShopeeError } from '@shopee-webhook/shopee';
import type { Alerts } from '../monitoring/alerts.ts';
import { errorText, ProcessingFailedError } from '../consumer/errors.ts';

export interface FailedOrdersDeps {
  alerts: Pick<Alerts, 'raise' | 'resolve'>;
  /** Of the run's result: shop → what went wrong there. */
  failed: Record<string, string>;
}

interface NamedOrder {
  shopId: string;
  sn: string;
  /** What of it is to be written; the order when left out. */
  kind?: 'order' | 'payout';
}

const maxNamed = 10;

/**
 * Orders that a run could not bring into the sheet while there is no queue that would keep them: the run goes on, the
 * operator is told of each, and the result names them. Such an alarm ends when a run finds its order written.
 */
export class FailedOrders {
  readonly #options: FailedOrdersDeps;
  readonly #byShop = new Map<string, string[]>();
  /** Since the last look at `suspectShopee`. */
  #attempted = 0;
  #undocumented = 0;

  constructor(options: FailedOrdersDeps) {
    this.#options = options;
  }

  /** Brings one order; false when that failed through its own fault. Any other error passes: it would meet the next one too. */
  async track(order: NamedOrder, work: () => Promise<unknown>): Promise<boolean> {
    this.#attempted += 1;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ProcessingFailedError)) throw error;
      if (isUndocumented(error)) this.#undocumented += 1;
      await this.recordFailure(order, error);
      return false;
    }
    await this.recordSuccess(order);
    return true;
  }

  async recordFailure(order: NamedOrder, error: unknown): Promise<void> {
    const { alerts, failed } = this.#options;
    const { shopId, sn, kind = 'order' } = order;
    const reason = errorText(error);
    const sns = [...(this.#byShop.get(shopId) ?? []), sn];
    this.#byShop.set(shopId, sns);
    failed[shopId] = `${String(sns.length)} not written: ${formatNames(sns)}; the last one because: ${reason}`;
    await alerts.raise(alertKey(order), {
      severity: 'warning',
      title: `Shop ${shopId}: the ${kind} ${sn} could not be written`,
      text: `${reason}. Mend what is wrong, then run ${suggestedFix[kind]}.`,
    });
  }

  /** Throws when each of several orders failed with an error that Shopee documents nowhere: that is Shopee, not the orders. */
  blameUpstream(): void {
    const [tried, unexplained] = [this.#attempted, this.#undocumented];
    this.#attempted = 0;
    this.#undocumented = 0;
    if (tried > 1 && unexplained === tried) throw new Error('Shopee answers every order with an undocumented error');
  }

  async recordSuccess(order: NamedOrder): Promise<void> {
    await this.#options.alerts.resolve(alertKey(order));
  }
}

function alertKey({ shopId, sn, kind = 'order' }: NamedOrder): string {
  return `unwritten-${kind}:${shopId}:${sn}`;
}

function isUndocumented({ cause }: ProcessingFailedError): boolean {
  return cause instanceof ShopeeError && !cause.isDocumented;
}

const suggestedFix = {
  order: 'a reconcile from the day on which the order last changed',
  payout: 'the payouts from the day on which it was paid out',
};

function formatNames(sns: readonly string[]): string {
  const more = sns.length > maxNamed ? ` and ${String(sns.length - maxNamed)} more` : '';
  return `${sns.slice(0, maxNamed).join(', ')}${more}`;
}
