/** Where each of Shopee's sites keeps its clock. */
const zones: Record<string, string> = {
  SG: 'Asia/Singapore',
  MY: 'Asia/Kuala_Lumpur',
  TH: 'Asia/Bangkok',
  VN: 'Asia/Ho_Chi_Minh',
  ID: 'Asia/Jakarta',
  PH: 'Asia/Manila',
  TW: 'Asia/Taipei',
  CN: 'Asia/Shanghai',
  KR: 'Asia/Seoul',
  JP: 'Asia/Tokyo',
  IN: 'Asia/Kolkata',
  BR: 'America/Sao_Paulo',
  MX: 'America/Mexico_City',
  CO: 'America/Bogota',
  CL: 'America/Santiago',
  AR: 'America/Argentina/Buenos_Aires',
  PL: 'Europe/Warsaw',
  ES: 'Europe/Madrid',
  FR: 'Europe/Paris',
};

/** The IANA time zone of a shop's region; Shopee's own (UTC+8) where the region is unknown. */
export function timeZoneOf(region: string | undefined): string {
  return zones[region?.toUpperCase() ?? ''] ?? 'Asia/Singapore';
}

/** What each of Shopee's sites trades in. */
const currencies: Record<string, string> = {
  SG: 'SGD',
  MY: 'MYR',
  TH: 'THB',
  VN: 'VND',
  ID: 'IDR',
  PH: 'PHP',
  TW: 'TWD',
  BR: 'BRL',
  MX: 'MXN',
  CO: 'COP',
  CL: 'CLP',
  AR: 'ARS',
  PL: 'PLN',
};

/** The currency of a local shop's wallet, which Shopee does not print; undefined where the region is unknown. */
export function currencyOf(region: string | undefined): string | undefined {
  return currencies[region?.toUpperCase() ?? ''];
}
