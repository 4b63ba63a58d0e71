export const stepNames = [
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
  'returned',
  'notified',
  'refused',
] as const;

export type StepName = (typeof stepNames)[number];

/** One thing that happened to one event. Holds no personal data. */
export interface ActivityStep {
  /** The message's id. */
  id: string;
  step: StepName;
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
  /** With `handled`: what the order was then, for the day's takings. Amounts in the currency's own unit. */
  status?: string | undefined;
  region?: string | undefined;
  currency?: string | undefined;
  total?: number | undefined;
  /** What Shopee pays out for it. */
  net?: number | undefined;
  /** When it was placed, ms. */
  placed?: number | undefined;
}

/** A step as read back, with its place in the stream. */
export interface ActivityEntry extends ActivityStep {
  entryId: string;
  at: number;
}

const texts = new Set(['id', 'step', 'shop', 'sn', 'reason', 'error', 'source', 'status', 'region', 'currency']);
const numbers = new Set(['at', 'code', 'ms', 'row', 'attempt', 'total', 'net', 'placed']);
const names = new Set<string>(stepNames);

/** Steps as Redis puts them together for `ActivityLog.readText`; nothing of entries that some other program wrote. */
export function parseSteps(text: string): ActivityEntry[] {
  const entries = JSON.parse(text) as [entryId: string, fields: string[]][];
  return entries.flatMap(([entryId, fields]) => parseStep(entryId, fields));
}

/** One entry of the stream; nothing for one that some other program wrote. Each push passes here, so that it is kept short. */
export function parseStep(entryId: string, fields: readonly string[]): ActivityEntry[] {
  const step: Record<string, string | number> = {};
  for (let index = 0; index < fields.length; index += 2) {
    const [name = '', value = ''] = [fields[index], fields[index + 1]];
    if (texts.has(name)) step[name] = value;
    else if (numbers.has(name)) step[name] = Number(value);
    if (Number.isNaN(step[name])) return [];
  }
  const { id, step: stepName, at = Number(entryId.split('-', 1)[0]) } = step;
  if (typeof id !== 'string' || typeof stepName !== 'string' || !names.has(stepName)) return [];
  return [{ ...step, id, step: stepName as StepName, entryId, at: Number(at) }];
}
