import { useSearchParams } from 'wouter';
import { useNow } from '../parts/relative-time.tsx';

export type RangeName = '1h' | '24h' | '7d' | '30d' | '90d';

const hour = 3_600_000;

export const ranges: Readonly<Record<RangeName, { label: string; ms: number }>> = {
  '1h': { label: 'Last hour', ms: hour },
  '24h': { label: 'Last 24 hours', ms: 24 * hour },
  '7d': { label: 'Last 7 days', ms: 7 * 24 * hour },
  '30d': { label: 'Last 30 days', ms: 30 * 24 * hour },
  '90d': { label: 'Last 90 days', ms: 90 * 24 * hour },
};

/** What the Events page shows, from its URL. */
export interface EventSearch {
  search: string | undefined;
  state: string | undefined;
  code: string | undefined;
  shop: string | undefined;
  range: RangeName;
  /** Selected in the histogram; they override the range. */
  from: number | undefined;
  to: number | undefined;
  /** The cursor; undefined = the newest page, which follows live. */
  before: number | undefined;
}

/** Parses the page's URL. A search by name covers the whole retention period. */
export function parseEventSearch(parameters: URLSearchParams): EventSearch {
  const text = (name: string): string | undefined => parameters.get(name) ?? undefined;
  const number = (name: string): number | undefined => {
    const value = text(name);
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
  };
  const range = text('range');
  const search = text('search');
  return {
    search,
    state: text('state'),
    code: text('code'),
    shop: text('shop'),
    range: isRange(range) ? range : search === undefined ? '24h' : '90d',
    from: number('from'),
    to: number('to'),
    before: number('before'),
  };
}

type Change = Partial<Record<keyof EventSearch, string | number | undefined>>;

/** The search in the URL, and a setter. Any change but of the cursor leads to the first page. */
export function useEventSearch(): [EventSearch, (change: Change) => void] {
  const [parameters, setParameters] = useSearchParams();
  const change = (changes: Change): void =>
    setParameters(
      (old) => {
        const next = new URLSearchParams(old);
        next.delete('before');
        if ('range' in changes) for (const name of ['from', 'to']) next.delete(name);
        for (const [name, value] of Object.entries(changes)) {
          if (value === undefined || value === '') next.delete(name);
          else next.set(name, String(value));
        }
        return next;
      },
      { replace: !('before' in changes) },
    );
  return [parseEventSearch(parameters), change];
}

/** The shown time range, ms. Its ends move in steps of a 60th, so that the histogram's bars stay put in between. */
export function useTimeRange({ range, from, to }: EventSearch): { from: number; to: number } {
  const now = useNow();
  if (from !== undefined && to !== undefined) return { from, to };
  const { ms } = ranges[range];
  const bar = ms / 60;
  const end = Math.ceil(now / bar) * bar;
  return { from: end - ms, to: end };
}

function isRange(value: string | undefined): value is RangeName {
  return value !== undefined && value in ranges;
}
