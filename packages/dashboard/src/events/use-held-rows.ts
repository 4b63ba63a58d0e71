import { useEffect, useState } from 'react';
import type { EventItem } from '@shopee-webhook/contracts/dashboard-api';

interface HeldRows {
  /** What to show: in place while held, with fresh states. */
  rows: readonly EventItem[];
  /** Events that are not shown while the rows are held. */
  newCount: number;
  hold: () => void;
  release: () => void;
}

/** Rows scrolled away by more than this are being read. */
const scrolledPx = 120;

/**
 * Keeps the rows in place while the pointer is over them or the page is scrolled: nothing moves under a click. `key` names the
 * filters; another one drops what is held. Nothing is held before the events of these filters are loaded.
 */
export function useHeldRows(events: readonly EventItem[], key: string, isLoaded: boolean): HeldRows {
  const [held, setHeld] = useState<{ key: string; ids: readonly string[] }>();
  const isHeld = held?.key === key;
  const hold = (): void => {
    if (isLoaded && !isHeld) setHeld({ key, ids: events.map(({ id }) => id) });
  };
  useEffect(() => {
    const onScroll = (): void => {
      if (isLoaded && window.scrollY > scrolledPx)
        setHeld((now) => (now?.key === key ? now : { key, ids: events.map(({ id }) => id) }));
    };
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, [events, key, isLoaded]);
  const [known, setKnown] = useState<ReadonlyMap<string, EventItem>>(new Map());
  // What a held row showed last, for when the fresh page no longer has it.
  if (!isHeld && events.some((event) => known.get(event.id) !== event)) {
    setKnown(new Map(events.map((event) => [event.id, event])));
  }
  if (!isHeld) return { rows: events, newCount: 0, hold, release: () => undefined };
  const fresh = new Map(events.map((event) => [event.id, event]));
  const ids = new Set(held.ids);
  return {
    rows: held.ids.flatMap((id) => fresh.get(id) ?? known.get(id) ?? []),
    newCount: events.filter(({ id }) => !ids.has(id)).length,
    hold,
    release: () => setHeld(undefined),
  };
}
