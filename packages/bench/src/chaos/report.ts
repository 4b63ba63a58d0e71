import type { ChaosResult } from './chaos-run.ts';

/** What must be empty for the guarantees to hold, by name. */
export function listViolations(result: ChaosResult): [name: string, found: string[]][] {
  const { sheet, queue, missingNotifications } = result;
  const orphans = queue.orphans + queue.queued + queue.retrying + queue.spool + queue.outbox;
  return [
    ['missing orders', sheet.missing],
    ['duplicate rows', sheet.duplicates],
    ['stale rows', sheet.stale],
    ['wrong cells', sheet.wrong],
    ['missing notifications', missingNotifications],
    ['orphaned messages', orphans === 0 ? [] : Array.from({ length: orphans }, () => 'message')],
  ];
}

/** Whether nothing is missing, duplicate, stale or wrong. */
export function passed(result: ChaosResult): boolean {
  return listViolations(result).every(([, found]) => found.length === 0);
}

/** The run as a text. */
export function formatReport(result: ChaosResult): string {
  const { options, faults, responses, totals, queue, duplicateNotifications } = result;
  const disabledGuards = options.without?.length ? ` WITHOUT ${options.without.join(' and ')}` : '';
  const total = [...faults.values()].reduce((sum, count) => sum + count, 0);
  const lines = [
    '',
    `chaos run${disabledGuards}: seed ${options.seed}, ${result.pushes} pushes for ${result.sheet.rows} orders, ${total} faults of ${faults.size} kinds, ${Math.round(result.ms / 1000)} s`,
    '',
    ...[...faults].toSorted(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `  ${name.padEnd(32)} ${count}`),
    '',
    `  responses: ${[...responses].map(([status, count]) => `${count} × ${status === 0 ? 'none in 3 s' : status}`).join(', ')}`,
    `  totals: ${totals.accepted} answered 200 = ${totals.handled} handled + ${totals.deadLetters} dead letters + ${totals.pending} pending`,
    `  drained in ${Math.round(result.drainMs / 1000)} s after the last push`,
    '',
    ...listViolations(result).map(([name, found]) => `  ${name.padEnd(32)} ${found.length}${formatExamples(found)}`),
    `  ${'duplicate notifications'.padEnd(32)} ${duplicateNotifications.length}${formatExamples(duplicateNotifications)}`,
    `  ${'dead letters'.padEnd(32)} ${queue.deadLetters.length}${formatExamples(queue.deadLetters.map(({ key, reason }) => `${key}: ${reason}`))}`,
    ...result.trace,
    '',
    passed(result) ? '  all guarantees hold' : '  A GUARANTEE DOES NOT HOLD',
  ];
  return lines.join('\n');
}

function formatExamples(found: readonly string[]): string {
  if (found.length === 0) return '';
  return `   e.g. ${found.slice(0, 4).join(' · ')}`;
}
