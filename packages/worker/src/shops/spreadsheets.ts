/** Which spreadsheet each shop's rows go to. */
export interface Spreadsheets {
  /** For every shop that has none of its own. */
  default: string | undefined;
  byShop: ReadonlyMap<string, string>;
  /** Each one once. */
  all: readonly string[];
}

const spreadsheetId = /^[\w-]{3,}$/;
const shopSpreadsheet = /^(?<shop>\d+):(?<id>[\w-]{3,})$/;

/** Reads SPREADSHEET_ID: one id, `shopid:spreadsheetid,…`, or both; undefined when it is neither. */
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

/** The shop's spreadsheet; undefined when a list was given and the shop is not in it. */
export function findSpreadsheet({ byShop, default: fallback }: Spreadsheets, shopId: string): string | undefined {
  return byShop.get(shopId) ?? fallback;
}
