import { badPayload, invalidArgument, type Violation } from './api-error.ts';
import { fieldsOf, type FieldType } from './description.ts';

/** A field mask as a tree; a field without children stands for all of it. `*` stands for every field. */
export type Mask = Map<string, Mask>;

type Json = { [key: string]: unknown };

/** Reads `a.b,c(d,e/f)`: dots and slashes go down, parentheses hold several. Throws the 400 of a mask that cannot be read. */
export function parseMask(text: string): Mask {
  const tokens = text.replaceAll(/\s/gu, '').match(/[A-Za-z0-9_*-]+|[(),./]/gu) ?? [];
  if (tokens.join('') !== text.replaceAll(/\s/gu, '')) throw invalidArgument('Request contains an invalid argument.');
  let next = 0;
  const list = (): Mask => {
    const mask: Mask = new Map();
    do path(mask);
    while (tokens[next] === ',' && (next += 1) > 0);
    return mask;
  };
  const path = (into: Mask) => {
    const name = tokens[next] ?? '';
    if (!/^[A-Za-z0-9_*-]+$/u.test(name)) throw invalidArgument('Request contains an invalid argument.');
    next += 1;
    const inner: Mask = into.get(name) ?? new Map();
    into.set(name, inner);
    if (tokens[next] === '.' || tokens[next] === '/') {
      next += 1;
      path(inner);
    } else if (tokens[next] === '(') {
      next += 1;
      for (const [key, value] of list()) inner.set(key, value);
      if (tokens[next] !== ')') throw invalidArgument('Request contains an invalid argument.');
      next += 1;
    }
  };
  const mask = list();
  if (next < tokens.length) throw invalidArgument('Request contains an invalid argument.');
  return mask;
}

/** The first path of the mask that the schema does not have. */
export function unknownPath(schema: string, mask: Mask): string | undefined {
  for (const [name, inner] of mask) {
    if (name === '*') continue;
    const type = fieldsOf(schema)[name];
    if (type === undefined) return name;
    const below = messageOf(type);
    if (inner.size > 0 && below === undefined && type.type !== 'object')
      return `${name}.${[...inner.keys()].join(',')}`;
    const unknown = below === undefined ? undefined : unknownPath(below, inner);
    if (unknown !== undefined) return `${name}.${unknown}`;
  }
  return undefined;
}

/** The mask of the query parameter `fields`; throws the 400 of one that names what the response does not have. */
export function responseMask(text: string, schema: string): Mask {
  const mask = parseMask(text);
  const unknown = unknownPath(schema, mask);
  if (unknown === undefined) return mask;
  const description = `Error expanding 'fields' parameter. Cannot find matching fields for path '${unknown}'.`;
  const violation: Violation = { field: unknown, description };
  const error = badPayload([violation]);
  error.message = 'Request contains an invalid argument.';
  throw error;
}

/** The mask of an update; throws the 400 of one that is missing or names a field that the message does not have. */
export function updateMask(fields: string | null | undefined, schema: string): Mask {
  if (fields === undefined || fields === null || fields === '')
    throw invalidArgument("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)");
  const mask = parseMask(fields);
  const unknown = unknownPath(schema, mask);
  if (unknown !== undefined) throw invalidArgument(`Invalid field: ${unknown}`);
  return mask;
}

/** Whether the mask requests the field. */
export function includes(mask: Mask | undefined, name: string): boolean {
  return mask === undefined || mask.has('*') || mask.has(name);
}

/** What the mask asks of a field: undefined for all of it. */
export function below(mask: Mask | undefined, name: string): Mask | undefined {
  const inner = mask?.get(name);
  return inner === undefined || inner.size === 0 ? undefined : inner;
}

/** The parts of a response that the mask requests. */
export function masked(value: unknown, mask: Mask | undefined): unknown {
  if (mask === undefined || mask.has('*') || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => masked(item, mask));
  const entries = Object.entries(value).filter(([name]) => mask.has(name));
  return Object.fromEntries(entries.map(([name, inner]) => [name, masked(inner, below(mask, name))]));
}

/** `target` with the mask's fields as `source` has them; what `source` lacks goes away. Neither is changed. */
export function updated<T extends object>(target: T, source: T, mask: Mask): T {
  if (mask.has('*')) return { ...source };
  const made = { ...target } as Json;
  for (const [name, inner] of mask) {
    const value = (source as Json)[name] ?? undefined;
    const before = (target as Json)[name] ?? undefined;
    if (inner.size === 0) made[name] = value;
    else made[name] = updated(asObject(before), asObject(value), inner);
    if (made[name] === undefined) delete made[name];
  }
  return made as T;
}

/** `over` laid on `under`, field by field, down through all messages. */
export function merged<T extends object>(under: T, over: T): T {
  const made = { ...under } as Json;
  for (const [name, value] of Object.entries(over)) {
    const before = made[name];
    made[name] = isObject(value) && isObject(before) ? merged(before, value) : value;
  }
  return made as T;
}

function messageOf(type: FieldType): string | undefined {
  return type.$ref ?? type.items?.$ref;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): object {
  return isObject(value) ? value : {};
}
