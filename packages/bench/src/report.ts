import type { Figure, Measurement } from './measurement.ts';

/** What a measurement gave, or why it gave nothing. */
export interface Outcome {
  measurement: Measurement;
  figures: Figure[];
  error?: string;
}

const columns = ['what', 'ours', 'reference', 'aim', ''] as const;

/** All figures as one table of Markdown, which reads as well in a terminal. */
export function tableOfFigures(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap(({ measurement, figures, error }) =>
    error === undefined ? figures.map(rowOf) : [[measurement.name, `failed: ${error}`, '', '', '✗']],
  );
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function rowOf({ what, ours, reference = '–', aim = '–', holds }: Figure): string[] {
  return [what, ours, reference, aim, holds === undefined ? '' : holds ? '✓' : '✗'];
}

/** docs/benchmarks.md: the table, what it was taken on, and how. */
export function documentOf(outcomes: readonly Outcome[], machine: readonly string[], remarks: string): string {
  const methods = outcomes.map(({ measurement }) => `- **${measurement.name}**: ${measurement.method}`);
  return [
    '# Benchmarks',
    '',
    'Written by `pnpm bench`; `pnpm bench --only acks,queue` measures a part of it and prints only.',
    '',
    ...machine.map((fact) => `- ${fact}`),
    '',
    tableOfFigures(outcomes),
    '',
    '## How it is measured',
    '',
    'Ours and the reference are measured in the same run, by turns, on the same Redis with the project’s `redis.conf`. A ratio in brackets is ours to the reference.',
    '',
    ...methods,
    '',
    remarks.trim(),
    '',
  ].join('\n');
}
