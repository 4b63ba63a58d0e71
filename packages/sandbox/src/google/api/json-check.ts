import type { Violation } from '../spreadsheet/api-error.ts';
import { fieldsOf, type FieldType } from '../spreadsheet/description.ts';

/** Google lists no more than a handful; neither do we. */
const maxViolations = 20;

/**
 * Checks a parsed body against a schema of Google's description as proto JSON does: unknown names and wrong types are rejected,
 * null counts as absent. `at` is the path of the message in the request's proto ('' for the body itself).
 */
export function checkMessage(schema: string, value: unknown, at = ''): Violation[] {
  const found: Violation[] = [];
  message(schema, value, at, found);
  return found.slice(0, maxViolations);
}

/** The name of a field in the proto: `addSheet` is `add_sheet` there, and error texts use that one. */
export function protoName(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

/** Violation of a value that does not fit its type. */
export function invalidValue(at: string, type: string, value: unknown): Violation {
  return { field: at, description: `Invalid value at '${at}' (${type}), ${JSON.stringify(value)}` };
}

/** Whether a scalar fits its type; proto JSON takes numbers as strings too. */
export function scalarFits(type: FieldType, value: unknown): boolean {
  if (type.enum !== undefined) return typeof value === 'string' && type.enum.includes(value);
  switch (type.type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      // As Google reads it, a boolean may also come as its name.
      return typeof value === 'boolean' || value === 'true' || value === 'false';
    case 'integer':
      return numeric(value) && Number.isInteger(Number(value)) && Math.abs(Number(value)) < 2 ** 31;
    case 'number':
      return numeric(value);
    default:
      return true;
  }
}

/** The type of a scalar in error texts. `name` is the schema or parameter that an enum belongs to. */
export function scalarName(type: FieldType, name: string): string {
  if (type.enum !== undefined) return `type.googleapis.com/google.apps.sheets.v4.${name}`;
  const names: Record<string, string> = { string: 'STRING', boolean: 'BOOL', integer: 'INT32', number: 'DOUBLE' };
  return type.format === 'float' ? 'TYPE_FLOAT' : `TYPE_${names[type.type ?? ''] ?? 'MESSAGE'}`;
}

function numeric(value: unknown): boolean {
  if (typeof value === 'number') return true;
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}

function message(schema: string, value: unknown, at: string, found: Violation[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    found.push(invalidValue(at, `type.googleapis.com/google.apps.sheets.v4.${schema}`, value));
    return;
  }
  const fields = fieldsOf(schema);
  for (const [name, inner] of Object.entries(value)) {
    if (found.length >= maxViolations) return;
    const type = fields[name];
    if (type === undefined) {
      const where = at === '' ? '' : ` at '${at}'`;
      const description = `Invalid JSON payload received. Unknown name ${JSON.stringify(name)}${where}: Cannot find field.`;
      found.push({ field: at, description });
    } else if (inner !== null) {
      const path = at === '' ? protoName(name) : `${at}.${protoName(name)}`;
      field({ type, value: inner, at: path, owner: `${schema}.${name}` }, found);
    }
  }
}

function field(one: { type: FieldType; value: unknown; at: string; owner: string }, found: Violation[]): void {
  const { type, value, at, owner } = one;
  if (type.$ref !== undefined) return message(type.$ref, value, at, found);
  if (type.type === 'array') return list(one, found);
  if (type.type === 'object') {
    if (typeof value !== 'object' || value === null) found.push(invalidValue(at, 'TYPE_MESSAGE', value));
    else if (type.additionalProperties !== undefined)
      for (const [key, inner] of Object.entries(value))
        field({ type: type.additionalProperties, value: inner, at: `${at}[${key}]`, owner }, found);
    return;
  }
  if (Array.isArray(value)) {
    const name = JSON.stringify(at.split('.').at(-1));
    const description = `Invalid JSON payload received. Unknown name ${name}: Proto field is not repeating, cannot start list.`;
    found.push({ field: at, description });
  } else if (!scalarFits(type, value)) found.push(invalidValue(at, scalarName(type, owner), value));
}

function list(one: { type: FieldType; value: unknown; at: string; owner: string }, found: Violation[]): void {
  const { value, at, owner } = one;
  const items = one.type.items ?? {};
  if (!Array.isArray(value)) {
    found.push(
      invalidValue(
        at,
        items.$ref === undefined ? 'TYPE_MESSAGE' : `type.googleapis.com/google.apps.sheets.v4.${items.$ref}`,
        value,
      ),
    );
    return;
  }
  // Rows of values: google.protobuf.ListValue, whose items may be anything that JSON has.
  if (items.type === 'array' && items.items?.type === 'any') {
    for (const row of value)
      if (!Array.isArray(row)) found.push(invalidValue(at, 'type.googleapis.com/google.protobuf.ListValue', row));
    return;
  }
  value.forEach((item: unknown, index) => field({ type: items, value: item, at: `${at}[${index}]`, owner }, found));
}
