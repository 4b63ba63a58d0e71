import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Grid, type Dimension } from './grid.ts';
import { Spreadsheet } from './spreadsheet.ts';

const rowCount = 6;
const columnCount = 5;

function numbered(record: (undo: () => void) => void = () => undefined): Grid {
  const grid = new Grid({ rowCount, columnCount }, record);
  for (let row = 0; row < rowCount; row += 1)
    grid.write(
      row,
      0,
      Array.from({ length: columnCount }, (_, column) => `${row}.${column}`),
    );
  return grid;
}

function matrix(grid: Grid): unknown[][] {
  return Array.from({ length: grid.rowCount }, (_, row) =>
    Array.from({ length: grid.columnCount }, (_, column) => grid.cell(row, column) ?? null),
  );
}

const blank = (count: number): null[] => Array.from({ length: count }, () => null);

/** The same change on a plain matrix. */
function plainly(cells: unknown[][], change: Change): unknown[][] {
  if (change.dimension === 'COLUMNS') return turned(plainly(turned(cells), { ...change, dimension: 'ROWS' }));
  const { kind, start, end, to } = change;
  const copy = [...cells];
  if (kind === 'insert')
    copy.splice(start, 0, ...Array.from({ length: end - start }, () => blank(cells[0]?.length ?? 0)));
  else {
    const gone = copy.splice(start, end - start);
    if (kind === 'move') copy.splice(to > start ? to - (end - start) : to, 0, ...gone);
  }
  return copy;
}

function turned(cells: unknown[][]): unknown[][] {
  return (cells[0] ?? []).map((_, column) => cells.map((row) => row[column]));
}

interface Change {
  kind: 'insert' | 'remove' | 'move';
  dimension: Dimension;
  start: number;
  end: number;
  to: number;
}

function apply(grid: Grid, { kind, dimension, start, end, to }: Change): void {
  if (kind === 'insert') grid.insert({ dimension, start, end }, 'after');
  else if (kind === 'remove') grid.remove({ dimension, start, end });
  else grid.move({ dimension, start, end }, to);
}

const change = fc
  .record({
    kind: fc.constantFrom('insert' as const, 'remove' as const, 'move' as const),
    dimension: fc.constantFrom('ROWS' as const, 'COLUMNS' as const),
    start: fc.integer({ min: 0, max: 2 }),
    length: fc.integer({ min: 1, max: 2 }),
    past: fc.boolean(),
  })
  .map(({ length, past, ...rest }) => ({
    ...rest,
    end: rest.start + length,
    to: past ? rest.start + length : rest.start,
  }));

describe('a grid', () => {
  test('inserts, removes and moves rows and columns like a matrix', () => {
    fc.assert(
      fc.property(change, (one) => {
        const grid = numbered();
        const expected = plainly(matrix(grid), one);
        apply(grid, one);
        expect(matrix(grid)).toEqual(expected);
      }),
    );
  });

  test('is as before once a failed batch of changes is undone', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        const spreadsheet = new Spreadsheet('s', {});
        const { grid } = spreadsheet.addSheet({ rowCount: 30, columnCount: 30, fields: { title: 'a' } });
        grid.write(1, 1, ['x', 5, true]);
        grid.setCellExtra(2, 2, { note: 'n' });
        grid.formatColumn(1, { startRow: 1, endRow: Infinity }, () => ({ wrapStrategy: 'CLIP' }));
        const picture = () => JSON.stringify([matrix(grid), grid.columns, [...(grid.rows[2]?.extras ?? [])]]);
        const before = picture();
        expect(() =>
          spreadsheet.atomically(() => {
            for (const one of changes) apply(grid, one);
            grid.write(0, 0, ['late']);
            grid.sort({ ...grid.area, startRow: 1, endRow: 5 }, () => -1);
            grid.setCellExtra(2, 2, {});
            throw new Error('no');
          }),
        ).toThrow('no');
        expect(picture()).toBe(before);
      }),
    );
  });

  test('null leaves a cell alone and undefined empties it', () => {
    const grid = numbered();
    grid.write(1, 0, [null, undefined, 'new']);
    expect(matrix(grid)[1]).toEqual(['1.0', null, 'new', '1.3', '1.4']);
  });

  test('a format over a column reaches rows that come later, and yields to a cell of its own', () => {
    const grid = numbered();
    grid.setCellExtra(3, 1, { format: { wrapStrategy: 'WRAP' } });
    grid.formatColumn(1, { startRow: 1, endRow: Infinity }, () => ({ horizontalAlignment: 'RIGHT' }));
    grid.setCellExtra(4, 1, { format: { horizontalAlignment: 'LEFT' } });
    grid.insert({ dimension: 'ROWS', start: rowCount, end: 900 }, 'before');
    const formats = [0, 1, 3, 4, 899].map((row) => grid.format(row, 1).horizontalAlignment);
    expect(formats).toEqual([undefined, 'RIGHT', 'RIGHT', 'LEFT', 'RIGHT']);
  });

  test('a wide insert of columns carries formats and notes to their new places', () => {
    const grid = numbered();
    grid.setCellExtra(0, 2, { note: 'mine' });
    grid.formatColumn(2, { startRow: 0, endRow: Infinity }, () => ({ wrapStrategy: 'CLIP' }));
    grid.insert({ dimension: 'COLUMNS', start: 1, end: 3 }, 'before');
    expect(grid.extra(0, 4)?.note).toBe('mine');
    expect(grid.format(5, 4).wrapStrategy).toBe('CLIP');
  });
});
