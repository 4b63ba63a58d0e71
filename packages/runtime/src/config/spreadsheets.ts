/** The spreadsheet of each shop. */
export interface Spreadsheets {
  /** For shops without one of their own. */
  default: string | undefined;
  byShop: ReadonlyMap<string, string>;
  /** All distinct ids. */
  all: readonly string[];
}

const spreadsheetId = /^[\w-]{3,}$/;
const shopSpreadsheet = /^(?<shop>\d+):(?<id>[\w-]{3,})$/;

/** Parses SPREADSHEET_ID: one id, `shopid:spreadsheetid,…`, or both; undefined if it is neither. */
export function parseSpreadsheets(parts: readonly string[]): Spreadsheets | undefined {
  const byShop = new Map<string, string>();
  let fallback: string | undefined;
  for (const part of parts) {
    const { shop, id } = shopSpreadsheet.exec(part)?.groups ?? {};
    if (shop !== undefined && id !== undefined) byShop.set(shop, id);
    else if (fallback === undefined && spreadsheetId.test(part)) fallback = part;
    else return undefined;
  }
  if (fallback === undefined && byShop.size === 0) return undefined;
  const all = new Set([...(fallback === undefined ? [] : [fallback]), ...byShop.values()]);
  return { default: fallback, byShop, all: [...all] };
}

/** The shop's spreadsheet; undefined if the list does not name the shop. */
export function findSpreadsheet({ byShop, default: fallback }: Spreadsheets, shopId: string): string | undefined {
  return byShop.get(shopId) ?? fallback;
}
