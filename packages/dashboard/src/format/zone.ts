/** Whose clock the page shows: the shop's, the browser's, or UTC. */
export type ZoneChoice = 'shop' | 'mine' | 'utc';

interface Zone {
  choice: ZoneChoice;
  /** The shop's IANA name; undefined until the server has sent it. */
  shop: string | undefined;
}

const choiceKey = 'time-zone-choice';
const shopKey = 'time-zone-shop';
const listeners = new Set<() => void>();
let zone: Zone = readZone();

function readZone(): Zone {
  if (typeof localStorage === 'undefined') return { choice: 'mine', shop: undefined };
  const choice = localStorage.getItem(choiceKey);
  return {
    choice: choice === 'mine' || choice === 'utc' ? choice : 'shop',
    // Remembered, so that a page does not start in the browser's zone and jump.
    shop: localStorage.getItem(shopKey) ?? undefined,
  };
}

/** The current choice, for useSyncExternalStore. */
export function getZone(): Zone {
  return zone;
}

/** Calls `onChange` when the zone changes. */
export function subscribeZone(onChange: () => void): () => void {
  listeners.add(onChange);
  return () => void listeners.delete(onChange);
}

/** Remembers whose clock to show. */
export function chooseZone(choice: ZoneChoice): void {
  localStorage.setItem(choiceKey, choice);
  change({ ...zone, choice });
}

/** Remembers the shop's zone. */
export function setShopZone(shop: string): void {
  if (shop === zone.shop) return;
  localStorage.setItem(shopKey, shop);
  change({ ...zone, shop });
}

function change(next: Zone): void {
  zone = next;
  for (const listener of listeners) listener();
}

export const browserZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The IANA name of the shown zone; undefined: the browser's. */
export function zoneName(): string | undefined {
  if (zone.choice === 'utc') return 'UTC';
  return zone.choice === 'shop' ? zone.shop : undefined;
}

/** How far the shown zone is ahead of UTC at a moment, ms. */
export function zoneOffsetMs(at: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zoneName(),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((one) => one.type === type)?.value);
  const clock = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return clock - Math.floor(at / 1000) * 1000;
}

/** `2026-11-23`: the day of a moment in the shown zone, the format of date inputs. */
export function toIsoDate(at: number): string {
  return new Date(at + zoneOffsetMs(at)).toISOString().slice(0, 10);
}

/** When a day begins in the shown zone, ms. */
export function startOfDay(date: string): number {
  const utc = Date.parse(`${date}T00:00:00Z`);
  // Twice: the offset may change between the guess and the day's real beginning.
  return utc - zoneOffsetMs(utc - zoneOffsetMs(utc));
}
