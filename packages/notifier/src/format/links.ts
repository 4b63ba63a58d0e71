/** Seller Center's hosts; its own in Viet Nam, seller.shopee.<country domain> elsewhere. */
const hosts: Record<string, string> = {
  SG: 'seller.shopee.sg',
  MY: 'seller.shopee.com.my',
  TH: 'seller.shopee.co.th',
  VN: 'banhang.shopee.vn',
  ID: 'seller.shopee.co.id',
  PH: 'seller.shopee.ph',
  TW: 'seller.shopee.tw',
  CN: 'seller.shopee.cn',
  BR: 'seller.shopee.com.br',
  MX: 'seller.shopee.com.mx',
  CO: 'seller.shopee.com.co',
  CL: 'seller.shopee.cl',
  AR: 'seller.shopee.com.ar',
  PL: 'seller.shopee.pl',
  ES: 'seller.shopee.es',
  FR: 'seller.shopee.fr',
};

/**
 * The order in Seller Center, found by its number. `/portal/sale/order/<n>` wants an inner id that no API gives and
 * does not open by order number; the list's search does. Undefined for an unknown region.
 */
export function orderUrl(region: string | undefined, orderSn: string): string | undefined {
  const host = hosts[region?.toUpperCase() ?? ''];
  return host === undefined ? undefined : `https://${host}/portal/sale/order?search=${encodeURIComponent(orderSn)}`;
}

/** The return in Seller Center, found by its number. */
export function returnUrl(region: string | undefined, returnSn: string): string | undefined {
  const host = hosts[region?.toUpperCase() ?? ''];
  if (host === undefined) return undefined;
  return `https://${host}/portal/sale/returnrefundcancel?keyword=${encodeURIComponent(returnSn)}&keywordType=return_sn`;
}

/** The row in the Google sheet. */
export function rowUrl(row: { spreadsheetId: string; sheetId: number; row: number }): string {
  const id = encodeURIComponent(row.spreadsheetId);
  return `https://docs.google.com/spreadsheets/d/${id}/edit#gid=${row.sheetId}&range=A${row.row}`;
}
