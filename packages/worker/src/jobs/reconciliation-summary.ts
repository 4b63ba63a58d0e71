import type { AlertContent } from '@shopee-webhook/store';
import type { ReconciliationReport } from '@shopee-webhook/store';

const maxNamed = 10;

export interface ReconciledShops {
  names: ReadonlyMap<string, string | undefined>;
  /** Shops that could not be reconciled. */
  notCompared: readonly string[];
}

/** The daily summary: no order is missing, or which ones were and are queued by now. */
export function summarizeReconciliation(
  reports: readonly ReconciliationReport[],
  { names, notCompared }: ReconciledShops,
): AlertContent {
  const nameOf = (shopId: string) => names.get(shopId) ?? shopId;
  const listed = reports.reduce((sum, account) => sum + account.listed, 0);
  const days = new Set(reports.map(({ date }) => date)).size;
  const shops = new Set(reports.map(({ shopId }) => shopId)).size;
  const what = `${pluralize(listed, 'order')} of ${pluralize(days, 'day')} and ${pluralize(shops, 'shop')}`;
  const gaps = reports.flatMap(({ shopId, missing }) => missing.map((sn) => ({ shopId, sn })));
  const blind = notCompared.length === 0 ? '' : ` Not reconciled: ${notCompared.map(nameOf).join(', ')}.`;
  if (reports.length === 0) {
    return { severity: 'warning', title: 'Reconciliation failed for every shop', text: blind.trim() };
  }
  if (gaps.length === 0) {
    const text = `${what}: every order that Shopee lists is in the sheet.${blind}`;
    if (blind !== '') return { severity: 'warning', title: 'No orders missing in the reconciled shops', text };
    return { severity: 'info', title: 'No orders missing', text };
  }
  const shown = gaps.slice(0, maxNamed).map(({ shopId, sn }) => `${sn} (${nameOf(shopId)})`);
  const more = gaps.length > shown.length ? ` and ${gaps.length - shown.length} more` : '';
  return {
    severity: 'warning',
    title: `${pluralize(gaps.length, 'order')} missing from the sheet`,
    text: `Of ${what}: ${shown.join(', ')}${more}. They were queued and will be written.${blind}`,
  };
}

function pluralize(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
