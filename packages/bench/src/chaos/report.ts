import type { ChaosResult } from './chaos-run.ts';

/** What must be 0 for the promise to hold, by name. */
export function verdictOf(result: ChaosResult): [name: string, found: string[]][] {
  const { sheet, queue, lostNotifications } = result;
  const orphans = queue.orphans + queue.waiting + queue.retrying + queue.spool + queue.outbox;
  return [
    ['lost orders', sheet.lost],
    ['duplicate rows', sheet.duplicates],
    ['stale rows', sheet.stale],
    ['wrong cells', sheet.wrong],
    ['lost notifications', lostNotifications],
    ['orphaned messages', orphans === 0 ? [] : Array.from({ length: orphans }, () => 'message')],
  ];
}

/** Whether nothing was lost, doubled, stale or wrong. */
export function isKept(result: ChaosResult): boolean {
  return verdictOf(result).every(([, found]) => found.length === 0);
}

/** The run as people read it. */
export function reportOf(result: ChaosResult): string {
  const { options, faults, answers, account, queue, duplicateNotifications } = result;
  const broken = options.without?.length ? ` WITHOUT ${options.without.join(' and ')}` : '';
  const total = [...faults.values()].reduce((sum, count) => sum + count, 0);
  const lines = [
    '',
    `chaos run${broken}: seed ${options.seed}, ${result.pushes} pushes for ${result.sheet.rows} orders, ${total} faults of ${faults.size} kinds, ${Math.round(result.ms / 1000)} s`,
    '',
    ...[...faults].toSorted(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `  ${name.padEnd(32)} ${count}`),
    '',
    `  answers: ${[...answers].map(([status, count]) => `${count} × ${status === 0 ? 'none in 3 s' : status}`).join(', ')}`,
    `  account: ${account.accepted} answered 200 = ${account.handled} handled + ${account.dead} dead letters + ${account.waiting} waiting`,
    `  drained in ${Math.round(result.drainMs / 1000)} s after the last push`,
    '',
    ...verdictOf(result).map(([name, found]) => `  ${name.padEnd(32)} ${found.length}${examples(found)}`),
    `  ${'duplicate notifications'.padEnd(32)} ${duplicateNotifications.length}${examples(duplicateNotifications)}`,
    `  ${'dead letters'.padEnd(32)} ${queue.dead.length}${examples(queue.dead.map(({ key, reason }) => `${key}: ${reason}`))}`,
    ...result.trace,
    '',
    isKept(result) ? '  the promise held' : '  THE PROMISE DID NOT HOLD',
  ];
  return lines.join('\n');
}

function examples(found: readonly string[]): string {
  if (found.length === 0) return '';
  return `   e.g. ${found.slice(0, 4).join(' · ')}`;
}
