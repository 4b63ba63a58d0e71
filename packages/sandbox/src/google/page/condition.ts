import type { sheets_v4 } from '@googleapis/sheets';
import { columnIndex } from '../spreadsheet/a1.ts';
import { isFormula, type CellValue } from '../spreadsheet/cell.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';

export interface RuleCondition {
  condition: sheets_v4.Schema$BooleanCondition;
  ranges: sheets_v4.Schema$GridRange[] | undefined;
}

/**
 * Whether a condition of a conditional format holds for a cell. Of custom formulas only a comparison of one cell with a text or a
 * number is understood (`=$C2="CANCELLED"`); any other never holds.
 */
export function conditionHolds(
  sheet: Sheet,
  at: { row: number; column: number; value: CellValue | undefined },
  { condition, ranges }: RuleCondition,
): boolean {
  const [first = '', second = ''] = (condition.values ?? []).map((value) => value.userEnteredValue ?? '');
  const { value } = at;
  if (condition.type === 'CUSTOM_FORMULA') return formulaHolds(sheet, at, { formula: first, range: ranges?.[0] });
  if (condition.type === 'BLANK') return value === undefined;
  if (condition.type === 'NOT_BLANK') return value !== undefined;
  if (value === undefined || isFormula(value)) return false;
  if (condition.type?.startsWith('TEXT_') === true) return textHolds(condition.type, String(value), first);
  return typeof value === 'number' && numberHolds(condition.type ?? '', value, [Number(first), Number(second)]);
}

function textHolds(type: string, value: string, wanted: string): boolean {
  const [text, part] = [value.toLowerCase(), wanted.toLowerCase()];
  switch (type) {
    case 'TEXT_EQ':
      return text === part;
    case 'TEXT_CONTAINS':
      return text.includes(part);
    case 'TEXT_NOT_CONTAINS':
      return !text.includes(part);
    case 'TEXT_STARTS_WITH':
      return text.startsWith(part);
    default:
      return type === 'TEXT_ENDS_WITH' && text.endsWith(part);
  }
}

function numberHolds(type: string, value: number, [first, second]: [number, number]): boolean {
  switch (type) {
    case 'NUMBER_GREATER':
      return value > first;
    case 'NUMBER_GREATER_THAN_EQ':
      return value >= first;
    case 'NUMBER_LESS':
      return value < first;
    case 'NUMBER_LESS_THAN_EQ':
      return value <= first;
    case 'NUMBER_EQ':
      return value === first;
    case 'NUMBER_NOT_EQ':
      return value !== first;
    case 'NUMBER_BETWEEN':
      return value >= first && value <= second;
    default:
      return type === 'NUMBER_NOT_BETWEEN' && (value < first || value > second);
  }
}

function formulaHolds(
  sheet: Sheet,
  at: { row: number; column: number },
  { formula, range }: { formula: string; range: sheets_v4.Schema$GridRange | undefined },
): boolean {
  const found = /^=(\$?)([A-Z]{1,3})(\$?)(\d+)\s*(=|<>|<=|>=|<|>)\s*("[^"]*"|-?[\d.]+)$/u.exec(formula.trim());
  if (found === null) return false;
  const [, fixedColumn, letters = '', fixedRow, digits = '', operator = '', operand = ''] = found;
  // Relative to the first cell of the range, as in the browser.
  const column = columnIndex(letters) + (fixedColumn === '$' ? 0 : at.column - (range?.startColumnIndex ?? 0));
  const row = Number(digits) - 1 + (fixedRow === '$' ? 0 : at.row - (range?.startRowIndex ?? 0));
  const value = sheet.grid.cell(row, column);
  if (isFormula(value)) return false;
  const isText = operand.startsWith('"');
  const [left, right] = isText
    ? [String(value ?? '').toLowerCase(), operand.slice(1, -1).toLowerCase()]
    : [typeof value === 'number' ? value : Number.NaN, Number(operand)];
  const results: Record<string, boolean> = {
    '=': left === right,
    '<>': left !== right,
    '<': left < right,
    '>': left > right,
    '<=': left <= right,
    '>=': left >= right,
  };
  return results[operator] ?? false;
}
