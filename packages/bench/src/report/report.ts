import type { Metric, Measurement } from './measurement.ts';

/** What a measurement gave, or why it failed. */
export interface MeasurementResult {
  measurement: Measurement;
  metrics: Metric[];
  error?: string;
}

const columns = ['metric', 'ours', 'reference', 'target', ''] as const;

/** All metrics as one Markdown table, which is readable in a terminal, too. */
export function renderTable(outcomes: readonly MeasurementResult[]): string {
  const rows = outcomes.flatMap(({ measurement, metrics, error }) =>
    error === undefined ? metrics.map(toRow) : [[measurement.name, `failed: ${error}`, '', '', '✗']],
  );
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function toRow({ name, ours, reference = '–', target = '–', isMet }: Metric): string[] {
  return [name, ours, reference, target, isMet === undefined ? '' : isMet ? '✓' : '✗'];
}

/** docs/benchmarks.md: the table, the machine, and the methods. */
export function renderDocument(
  outcomes: readonly MeasurementResult[],
  machine: readonly string[],
  notes: string,
): string {
  const methods = outcomes.map(({ measurement }) => `- **${measurement.name}**: ${measurement.method}`);
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; `npm run bench -- --only acks,queue` measures a part of it and only prints.',
    '',
    ...machine.map((fact) => `- ${fact}`),
    '',
    renderTable(outcomes),
    '',
    '## How it is measured',
    '',
    'Ours and the reference are measured in the same run, alternating, on the same Redis with the project’s `redis.conf`. A ratio in brackets is ours to the reference.',
    '',
    ...methods,
    '',
    notes.trim(),
    '',
  ].join('\n');
}
