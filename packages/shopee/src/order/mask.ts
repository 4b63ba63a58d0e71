/**
 * Whether Shopee hid this text or a part of it: `****`, `P******n`, `******78`. Masking is per field, and a masked text
 * is never empty, so a filled name need not be a name.
 */
export function isMasked(text: string | null | undefined): boolean {
  if (text === null || text === undefined) return false;
  return text.includes('**') || /^\S?\*\S?$/u.test(text.trim());
}
