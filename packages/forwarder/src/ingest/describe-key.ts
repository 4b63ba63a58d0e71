/** How the operator knows a push key: by the variable that holds it. The API's partner key is tried last. */
export function describeKey(index: number, keys: number): string {
  return index === keys - 1 ? 'PARTNER_KEY' : `WEBHOOK_PARTNER_KEY number ${String(index + 1)}`;
}
