import type { AlarmText } from '../alarms.ts';
import type { OrderAccount } from './order-accounts.ts';

const namedAtMost = 10;

export interface AccountShops {
  names: ReadonlyMap<string, string | undefined>;
  /** Shops that could not be compared. */
  unread: readonly string[];
}

/** The day's line about the account: that nothing is missing, or what was and is queued by now. */
export function accountLine(accounts: readonly OrderAccount[], { names, unread }: AccountShops): AlarmText {
  const nameOf = (shopId: string) => names.get(shopId) ?? shopId;
  const listed = accounts.reduce((sum, account) => sum + account.listed, 0);
  const days = new Set(accounts.map(({ date }) => date)).size;
  const shops = new Set(accounts.map(({ shopId }) => shopId)).size;
  const what = `${counted(listed, 'order')} of ${counted(days, 'day')} and ${counted(shops, 'shop')}`;
  const gaps = accounts.flatMap(({ shopId, missing }) => missing.map((sn) => ({ shopId, sn })));
  const blind = unread.length === 0 ? '' : ` Not compared: ${unread.map(nameOf).join(', ')}.`;
  if (accounts.length === 0) {
    return { severity: 'warning', title: 'Whether orders are missing is not known', text: blind.trim() };
  }
  if (gaps.length === 0) {
    const text = `${what}: Shopee lists as many as the sheet has.${blind}`;
    if (blind !== '') return { severity: 'warning', title: 'No order is missing, where it could be seen', text };
    return { severity: 'info', title: 'No order is missing', text };
  }
  const shown = gaps.slice(0, namedAtMost).map(({ shopId, sn }) => `${sn} (${nameOf(shopId)})`);
  const more = gaps.length > shown.length ? ` and ${gaps.length - shown.length} more` : '';
  return {
    severity: 'warning',
    title: `${counted(gaps.length, 'order')} not in the sheet`,
    text: `Of ${what}: ${shown.join(', ')}${more}. They were queued and will be written.${blind}`,
  };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
