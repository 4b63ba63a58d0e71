import { z } from 'zod';
import { isRecord } from '../push/json.ts';

// Shopee documents one type and sends another: '' for a number, null or 0 for "none", an object for a list. These
// readers take what comes and never fail: one odd field must not stop an order. Absent, null and unreadable are undefined.

/** An amount or a quantity; 0 stays 0. */
export const number = z.unknown().transform(toNumber).optional();

/** An id as text, so that none is rounded; 0 means "none" only where the reader says so. */
export const id = z.unknown().transform(toId).optional();

/** Unix seconds; 0 means "not yet". Two documented samples print milliseconds. */
export const time = z.unknown().transform(toTime).optional();

export const text = z.unknown().transform(toText).optional();

export const flag = z.unknown().transform(toFlag).optional();

/** Texts; a single one counts as a list of one. */
export const strings = z
  .unknown()
  .transform((value) => toList(value).flatMap((entry) => toText(entry) ?? []))
  .default([]);

/** Ids; a single one counts as a list of one. */
export const ids = z
  .unknown()
  .transform((value) => toList(value).flatMap((entry) => toId(entry) ?? []))
  .default([]);

/** A list of objects; a single object counts as a list of one, anything else as none. */
export function arrayOf<T extends z.ZodType>(entry: T): z.ZodDefault<z.ZodPreprocess<z.ZodArray<T>>> {
  return z.preprocess((value) => toList(value).filter(isRecord), z.array(entry)).default([]);
}

/** A list as `rowsArray` reads it; null, or none at all, is an empty one. */
export function optionalRows<T extends z.ZodType>(entry: T): z.ZodType<z.output<T>[]> {
  return z.preprocess((value) => value ?? [], rowsArray(entry));
}

/** A list that must be there; entries that cannot be read, having no key, are left out rather than stop the others. */
export function rowsArray<T extends z.ZodType>(entry: T): z.ZodType<z.output<T>[]> {
  return z.unknown().transform((value, context) => {
    if (!Array.isArray(value)) {
      context.addIssue({ code: 'custom', message: 'not a list' });
      return z.NEVER;
    }
    return value.flatMap((row) => {
      const { success, data } = entry.safeParse(row);
      return success ? [data] : [];
    });
  });
}

/** The field an entry is known by. */
export const key = z.preprocess(toId, z.string());

/** An object, or undefined when null, '' or anything else came. */
export function optional<T extends z.ZodType>(shape: T): z.ZodOptional<z.ZodPreprocess<z.ZodOptional<T>>> {
  return z.preprocess((value) => (isRecord(value) ? value : undefined), shape.optional()).optional();
}

/** A number however it is written; undefined for anything else. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** An id as text; undefined for anything else. */
export function toId(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
}

function toTime(value: unknown): number | undefined {
  const number = toNumber(value);
  if (number === undefined || number <= 0) return undefined;
  return Math.floor(number > 100_000_000_000 ? number / 1000 : number);
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function toFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1' || value === 'true') return true;
  return value === 0 || value === '0' || value === 'false' ? false : undefined;
}

function toList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return value === null || value === undefined || value === '' ? [] : [value];
}
