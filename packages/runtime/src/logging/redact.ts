/** Field names that may hold a secret or a buyer's data. */
const redactedFields = new Set(
  (
    'authorization cookie password secret token key body payload raw accessToken access_token refreshToken refresh_token ' +
    'partnerKey partner_key private_key buyer recipient_address phone address'
  ).split(' '),
);

const maxDepth = 3;

/** The fields of a log line without the values that must not be there. What needs no change is not copied: each push is a line. */
export function redact(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  let redacted = fields;
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    const replacement = redactedFields.has(name) && value !== undefined ? '[hidden]' : redactValue(value, depth);
    if (replacement === value) continue;
    if (redacted === fields) redacted = { ...fields };
    redacted[name] = replacement;
  }
  return redacted;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth >= maxDepth) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => redactValue(item, depth + 1));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  // Errors, dates and the like are written by their serializers.
  return isPlain(value) ? redact(value, depth + 1) : value;
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
