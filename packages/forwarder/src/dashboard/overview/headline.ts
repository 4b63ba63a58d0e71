import type { ComponentStatus, Overview } from '@shopee-webhook/contracts/dashboard-api';
import { formatDuration } from './system-status.ts';
import { pluralize } from './pluralize.ts';

export interface HeadlineInputs {
  components: readonly ComponentStatus[];
  /** Events accepted and not settled; null = unknown. */
  pending: number | null;
  oldestPendingSeconds: number | null;
  /** Null = unknown. */
  deadLetters: number | null;
  /** By the latest reconciliation; null = none has run yet. */
  missing: number | null;
  hasEvents: boolean;
}

/** A worker restart and a flush that waits for its quota take that long: not worth a warning. */
const maxWaitSeconds = 120;

/** Whether every order is in the sheet: the first problem, worst first. Claims nothing that is not known. */
export function buildHeadline(inputs: HeadlineInputs): Overview['headline'] {
  const { components, pending, oldestPendingSeconds, deadLetters, missing } = inputs;
  const failing = components.find(({ level }) => level === 'failing');
  const waiting = pending === null || pending === 0 ? '' : ` ${waits(pending)} and will be processed.`;
  if (failing !== undefined) return { level: 'failing', text: `${describeProblem(failing)}${waiting}` };
  if (deadLetters !== null && deadLetters > 0) {
    return {
      level: 'failing',
      text: `${pluralize(deadLetters, 'event')} could not be processed.`,
    };
  }
  if (pending === null || deadLetters === null) {
    return { level: 'unknown', text: 'The queue cannot be read: whether every order is in your sheet is unknown.' };
  }
  if (missing !== null && missing > 0) {
    const verb = missing === 1 ? 'is' : 'are';
    return { level: 'warning', text: `${pluralize(missing, 'order')} missing from the sheet ${verb} being repaired.` };
  }
  const paused = components.find(({ id, level }) => id === 'consumers' && level === 'warning');
  if (paused !== undefined) return { level: 'warning', text: `Processing is paused.${waiting}` };
  if (oldestPendingSeconds !== null && oldestPendingSeconds > maxWaitSeconds) {
    return { level: 'warning', text: `${waits(pending)}, the oldest for ${formatDuration(oldestPendingSeconds)}.` };
  }
  const unknown = components.find(({ id, level }) => level === 'unknown' && isOnPath(id));
  if (unknown !== undefined) return { level: 'unknown', text: describeProblem(unknown) };
  const warning = components.find(({ level }) => level === 'warning');
  if (warning !== undefined)
    return { level: 'warning', text: `${inSheet(inputs, pending)} ${describeProblem(warning)}` };
  return { level: 'ok', text: inSheet(inputs, pending) };
}

function inSheet({ hasEvents, missing }: HeadlineInputs, pending: number): string {
  if (!hasEvents) return 'No events yet: the first order will appear here.';
  // Orders whose push never arrived are known only after a reconciliation.
  const orders = missing === null ? 'Every order received is in your sheet' : 'Every order is in your sheet';
  if (pending === 0) return `${orders}.`;
  return `${orders}; ${pluralize(pending, 'event')} ${pending === 1 ? 'is' : 'are'} still being processed.`;
}

function waits(pending: number): string {
  return `${pluralize(pending, 'event')} ${pending === 1 ? 'waits' : 'wait'}`;
}

/** Whether an order passes the component on its way into the sheet. */
function isOnPath(id: ComponentStatus['id']): boolean {
  return id !== 'shopee' && id !== 'telegram';
}

const names: Record<ComponentStatus['id'], string> = {
  shopee: 'Shopee',
  forwarder: 'Forwarder',
  redis: 'Redis',
  spool: 'Disk',
  consumers: 'Worker',
  'shopee-api': "Shopee's API",
  sheets: 'Google Sheets',
  telegram: 'Telegram',
};

function describeProblem({ id, detail }: ComponentStatus): string {
  const text = `${names[id]}: ${detail}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
