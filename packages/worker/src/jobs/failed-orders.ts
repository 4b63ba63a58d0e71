import { ShopeeError } from '@shopee-webhook/shopee';
import type { AlertEngine } from '@shopee-webhook/store';
import { errorText, ProcessingFailedError } from '../upstreams/errors.ts';

export interface FailedOrdersDeps {
  alerts: Pick<AlertEngine, 'raise' | 'resolve'>;
  /** Part of the run's result: shop → error. */
  failed: Record<string, string>;
}

interface NamedOrder {
  shopId: string;
  sn: string;
  /** What should be written; the order by default. */
  kind?: 'order' | 'payout';
}

const maxNamed = 10;

/**
 * Orders that a run could not write while there is no queue to retry them: the run goes on, an alert is raised for each,
 * and the result names them. The alert resolves when a run finds its order written.
 */
export class FailedOrders {
  readonly #options: FailedOrdersDeps;
  readonly #byShop = new Map<string, string[]>();
  /** Since the last `blameUpstream`. */
  #attempted = 0;
  #undocumented = 0;

  constructor(options: FailedOrdersDeps) {
    this.#options = options;
  }

  /** Runs `work` for one order; false if the order itself failed. Any other error is rethrown: it would hit the next one too. */
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
    failed[shopId] = `${String(sns.length)} not written: ${formatNames(sns)}; last error: ${reason}`;
    await alerts.raise(alertKey(order), {
      severity: 'warning',
      title: `Shop ${shopId}: the ${kind} ${sn} could not be written`,
      text: `${reason}. Fix the cause, then run ${suggestedFix[kind]}.`,
    });
  }

  /** Throws when every one of several orders failed with an undocumented error: then Shopee fails, not the orders. */
  blameUpstream(): void {
    const [tried, unexplained] = [this.#attempted, this.#undocumented];
    this.#attempted = 0;
    this.#undocumented = 0;
    if (tried > 1 && unexplained === tried) throw new Error('Shopee returns an undocumented error for every order');
  }

  async recordSuccess(order: NamedOrder): Promise<void> {
    await this.#options.alerts.resolve(alertKey(order));
  }
}

function alertKey({ shopId, sn, kind = 'order' }: NamedOrder): string {
  return `failed-${kind}:${shopId}:${sn}`;
}

function isUndocumented({ cause }: ProcessingFailedError): boolean {
  return cause instanceof ShopeeError && !cause.isDocumented;
}

const suggestedFix = {
  order: 'a reconcile from the day of the order’s last change',
  payout: 'payouts from the day of its payout',
};

function formatNames(sns: readonly string[]): string {
  const more = sns.length > maxNamed ? ` and ${String(sns.length - maxNamed)} more` : '';
  return `${sns.slice(0, maxNamed).join(', ')}${more}`;
}
