import { describe, expect, test } from 'vitest';
import { calculate, libreOffice, type WorkbookCell } from './libreoffice.ts';

const formula = (text: string): WorkbookCell => ({ formula: text });

describe.runIf(libreOffice !== undefined)('LibreOffice calculates what Google Sheets would', () => {
  test('whole columns, arrays, names and other tabs', async () => {
    const source = [
      ['SKU', 'Units'],
      ['b', 2],
      ['A', 1],
      ['b', 5],
      [undefined, 'two'],
    ];
    const values = await calculate(
      [
        {
          title: 'Sum',
          rowCount: 5,
          columnCount: 3,
          rows: [
            [
              formula(
                "=ARRAYFORMULA(IFERROR(SORT(UNIQUE(FILTER('It''s & co'!$A:$A; ISNUMBER('It''s & co'!$B:$B)))); 0))",
              ),
              formula("=SUMIF('It''s & co'!$A:$A; $A1; 'It''s & co'!$B:$B)"),
              formula('=LET(count; COUNT($B:$B); other; "a ""b"", $A1"; IF(count > 9; 1 / 3; other))'),
            ],
            [undefined, formula("=SUMIF('It''s & co'!$A:$A; $A2; 'It''s & co'!$B:$B)"), formula('=1 / 4')],
          ],
        },
        { title: "It's & co", rowCount: 5, columnCount: 2, rows: source },
      ],
      1,
    );
    expect(values.get('Sum')).toEqual([
      ['A', 1, 'a "b", $A1'],
      ['b', 7, 0.25],
      ['', '', ''],
      ['', '', ''],
      ['', '', ''],
    ]);
  });

  test('an error in a cell is an error', async () => {
    const tab = { title: 'Sum', rowCount: 1, columnCount: 1, rows: [[formula('=QUERY($A:$A; "select A")')]] };
    await expect(calculate([tab], 1)).rejects.toThrow('row 1, column 1 of Sum shows');
  });
});
