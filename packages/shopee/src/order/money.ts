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

/** Hundredths, whose sums are exact; also of currencies without fractions, where Shopee may print one. */
export function toMinor(amount: number): number {
  // 1.005 × 100 is 100.49999….
  return Math.round(amount * 100 * (1 + Number.EPSILON));
}

/** The amount of a number of hundredths. */
export function toMajor(minor: number): number {
  return minor === 0 ? 0 : minor / 100;
}
