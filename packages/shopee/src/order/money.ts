/** Currencies that Shopee's sites use without a fraction. */
const wholeUnits = new Set(['VND', 'IDR', 'TWD', 'KRW', 'JPY', 'CLP', 'COP']);

/** How many decimals a price has in this currency. */
export function currencyDecimals(currency: string | undefined): number {
  return wholeUnits.has(currency?.toUpperCase() ?? '') ? 0 : 2;
}

/** An amount for people to read: `SGD 1,031.99`, `VND 32,119`. A fraction that is there is always shown. */
export function formatMoney(amount: number, currency: string | undefined): string {
  const decimals = currencyDecimals(currency);
  const digits = Number.isInteger(amount) ? decimals : 2;
  const number = amount.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return currency ? `${currency.toUpperCase()} ${number}` : number;
}
