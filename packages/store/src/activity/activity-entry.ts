export const activityTypes = [
  'queued',
  'duplicate',
  'spooled',
  'taken',
  'fetched',
  'written',
  'handled',
  'retried',
  'dead-lettered',
  'replayed',
  'discarded',
  'requeued',
  'notified',
  'rejected',
  'imported',
] as const;

export type ActivityType = (typeof activityTypes)[number];

/** One thing that happened to one event. Holds no personal data. */
export interface ActivityEntry {
  /** The message's id. */
  id: string;
  step: ActivityType;
  /** ms; without it the time at which Redis stored the step. */
  at?: number | undefined;
  code?: number | undefined;
  shop?: string | undefined;
  sn?: string | undefined;
  /** How long it took. */
  ms?: number | undefined;
  row?: number | undefined;
  reason?: string | undefined;
  error?: string | undefined;
  attempt?: number | undefined;
  /** With `queued`: where it came from, when that is not a push that was just received. */
  source?: string | undefined;
  /** With `handled` and `imported` (an order that a backfill wrote, without an event): what the order was then, for the day's takings. Amounts in the currency's own unit. */
  status?: string | undefined;
  region?: string | undefined;
  currency?: string | undefined;
  total?: number | undefined;
  /** What Shopee pays out for it. */
  net?: number | undefined;
  /** When it was placed, ms. */
  placed?: number | undefined;
  /** When Shopee wants it shipped, ms. */
  shipBy?: number | undefined;
}

/** A step as read back, with its place in the stream. */
export interface StoredActivityEntry extends ActivityEntry {
  entryId: string;
  at: number;
}

const textFields = new Set(['id', 'step', 'shop', 'sn', 'reason', 'error', 'source', 'status', 'region', 'currency']);
const numberFields = new Set(['at', 'code', 'ms', 'row', 'attempt', 'total', 'net', 'placed', 'shipBy']);
const typeNames = new Set<string>(activityTypes);

/** Steps as Redis puts them together for `ActivityLog.readText`; nothing of entries that some other program wrote. */
export function parseActivity(text: string): StoredActivityEntry[] {
  const entries: unknown = JSON.parse(text);
  if (!Array.isArray(entries)) throw new TypeError('Redis sent no list of activity entries');
  return entries.flatMap((entry: unknown) => {
    const [entryId, fields] = Array.isArray(entry) ? (entry as unknown[]) : [];
    return typeof entryId === 'string' && isFieldList(fields) ? parseActivityEntry(entryId, fields) : [];
  });
}

function isFieldList(fields: unknown): fields is string[] {
  return Array.isArray(fields) && fields.every((field) => typeof field === 'string');
}

/** One entry of the stream; nothing for one that some other program wrote. Each push passes here, so that it is kept short. */
export function parseActivityEntry(entryId: string, fields: readonly string[]): StoredActivityEntry[] {
  const step: Record<string, string | number> = {};
  for (let index = 0; index < fields.length; index += 2) {
    const [name = '', value = ''] = [fields[index], fields[index + 1]];
    if (textFields.has(name)) step[name] = value;
    else if (numberFields.has(name)) step[name] = Number(value);
    if (Number.isNaN(step[name])) return [];
  }
  const { id, step: stepName, at = Number(entryId.split('-', 1)[0]) } = step;
  if (typeof id !== 'string' || typeof stepName !== 'string' || !typeNames.has(stepName)) return [];
  return [{ ...step, id, step: stepName as ActivityType, entryId, at: Number(at) }];
}
