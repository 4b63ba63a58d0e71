import type { MoneyFigures } from '@shopee-webhook/contracts/dashboard-api';
import { formatCount } from '../format/format.ts';
import { RelativeTime } from '../parts/relative-time.tsx';
import { KpiCard } from './kpi-cards.tsx';
import classes from './kpi-cards.module.css';

/** What needs a look today; each card opens its list. */
export function MoneyCards({ money }: { money: MoneyFigures }) {
  const { checkedAt } = money;
  const checked =
    checkedAt === null ? (
      'Not checked yet'
    ) : (
      <>
        Checked <RelativeTime at={checkedAt} />
      </>
    );
  const cards = [
    { label: 'Payouts overdue', count: money.payoutsOverdue, hint: checked, href: '/money?list=overdue' },
    { label: 'Payouts that differ', count: money.payoutsDiffering, hint: checked, href: '/money?list=differs' },
    { label: 'Unexplained amounts', count: money.unexplained, hint: checked, href: '/money?list=unexplained' },
    {
      label: 'To ship today',
      count: money.toShipToday,
      hint: 'Deadline by midnight',
      href: '/orders?ship=today&days=90',
    },
    { label: 'Cost missing', count: money.costMissing, hint: 'SKUs without a cost', href: '/money?list=costs' },
  ];
  return (
    <section className={classes['even']} aria-label="Money">
      {cards.map(({ label, count, hint, href }) => (
        <KpiCard key={label} label={label} value={count === null ? '–' : formatCount(count)} hint={hint} href={href} />
      ))}
    </section>
  );
}
