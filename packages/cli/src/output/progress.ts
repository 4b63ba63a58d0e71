const barWidth = 24;

/** A backfill's progress as one line: bar, counts, rate and time left. '' while nothing is known. */
export function progressLine(result: Readonly<{ [name: string]: unknown }> | null | undefined): string {
  const { share, listed, written, failed, perMinute, leftMs } = result ?? {};
  if (typeof share !== 'number') return '';
  const filled = Math.round(barWidth * Math.min(1, share));
  const parts = [
    `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${(share * 100).toFixed(0).padStart(3)} %`,
    `${formatNumber(written)} written of ${formatNumber(listed)} listed`,
    ...(typeof failed === 'number' && failed > 0 ? [`${formatNumber(failed)} failed`] : []),
    ...(typeof perMinute === 'number' ? [`${formatNumber(perMinute)}/min`] : []),
    ...(typeof leftMs === 'number' ? [`${formatSpan(leftMs)} left`] : []),
  ];
  return parts.join('  ');
}

/** `40 s`, `12 min`, `3 h 5 min`. */
function formatSpan(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (ms < 90_000) return `${Math.round(ms / 1000)} s`;
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function formatNumber(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en') : '0';
}
