import type { sheets_v4 } from '@googleapis/sheets';
import type { CellFormat, CellValue } from '../spreadsheet/cell.ts';
import { conditionHolds } from './condition.ts';
import { merged } from '../spreadsheet/field-mask.ts';
import { covers } from '../spreadsheet/grid-range.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';

type Color = sheets_v4.Schema$Color;
type ColorStyle = sheets_v4.Schema$ColorStyle;

/** The theme that a new spreadsheet has. */
const theme: Record<string, string> = {
  TEXT: '#000000',
  BACKGROUND: '#ffffff',
  ACCENT1: '#4285f4',
  ACCENT2: '#ea4335',
  ACCENT3: '#fbbc04',
  ACCENT4: '#34a853',
  ACCENT5: '#ff6d01',
  ACCENT6: '#46bdc6',
  LINK: '#1155cc',
};

/** The CSS of a cell: bands, then its own format, then the first conditional format that holds. */
export function cellStyle(sheet: Sheet, at: { row: number; column: number; value: CellValue | undefined }): string {
  const { row, column, value } = at;
  const band = bandOf(sheet, row, column);
  const own = over(band === undefined ? {} : { backgroundColorStyle: band }, sheet.grid.format(row, column));
  const rule = sheet.fields.conditionalFormats.find(
    ({ ranges, booleanRule }) =>
      booleanRule?.condition !== undefined &&
      ranges?.some((range) => covers(range, row, column)) === true &&
      conditionHolds(sheet, at, { condition: booleanRule.condition, ranges }),
  );
  const format = rule?.booleanRule?.format === undefined ? own : over(own, rule.booleanRule.format);
  return css(format, value);
}

/** A color that stands in either of its two fields, as CSS. */
export function cssColor(style: ColorStyle | undefined, color: Color | undefined): string | undefined {
  if (typeof style?.themeColor === 'string') return theme[style.themeColor];
  const { red, green, blue } = style?.rgbColor ?? color ?? {};
  if (style?.rgbColor === undefined && color === undefined) return undefined;
  return `#${[red, green, blue]
    .map((part) =>
      Math.round((part ?? 0) * 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

function css(format: CellFormat, value: CellValue | undefined): string {
  const { textFormat: text } = format;
  const lines = [text?.underline === true && 'underline', text?.strikethrough === true && 'line-through'].filter(
    Boolean,
  );
  const properties: Record<string, string | undefined> = {
    'background-color': cssColor(format.backgroundColorStyle, format.backgroundColor),
    color: cssColor(text?.foregroundColorStyle, text?.foregroundColor),
    'font-weight': text?.bold === true ? 'bold' : undefined,
    'font-style': text?.italic === true ? 'italic' : undefined,
    'font-size': typeof text?.fontSize === 'number' ? `${text.fontSize}pt` : undefined,
    'text-decoration': lines.length > 0 ? lines.join(' ') : undefined,
    'text-align': format.horizontalAlignment?.toLowerCase() ?? naturalAlignment(value),
    'vertical-align': format.verticalAlignment?.toLowerCase(),
    'white-space': format.wrapStrategy === 'WRAP' ? 'pre-wrap' : undefined,
  };
  return Object.entries(properties)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}:${value}`]))
    .join(';');
}

function naturalAlignment(value: CellValue | undefined): string | undefined {
  if (typeof value === 'number') return 'right';
  return typeof value === 'boolean' ? 'center' : undefined;
}

/** A format laid over another; its background replaces the other's, in whichever of the two fields they stand. */
function over(below: CellFormat, above: CellFormat): CellFormat {
  const under = { ...below };
  if (above.backgroundColor !== undefined || above.backgroundColorStyle !== undefined) {
    delete under.backgroundColor;
    delete under.backgroundColorStyle;
  }
  return merged(under, above);
}

function bandOf(sheet: Sheet, row: number, column: number): ColorStyle | undefined {
  const band = sheet.fields.bandedRanges.find(({ range }) => range !== undefined && covers(range, row, column));
  const colors = band?.rowProperties;
  if (colors === undefined) return undefined;
  const header = styleOf(colors.headerColorStyle, colors.headerColor);
  const first = styleOf(colors.firstBandColorStyle, colors.firstBandColor);
  const second = styleOf(colors.secondBandColorStyle, colors.secondBandColor);
  const index = row - (band?.range?.startRowIndex ?? 0);
  if (header === undefined) return index % 2 === 0 ? first : second;
  if (index === 0) return header;
  return index % 2 === 1 ? first : second;
}

function styleOf(style: ColorStyle | undefined, color: Color | undefined): ColorStyle | undefined {
  return style ?? (color === undefined ? undefined : { rgbColor: color });
}
