import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

/** A whole number of at least 1. */
export function parsePositive(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('must be a whole number of at least 1');
  return Number(text);
}

/** A push code. */
export function parsePushCode(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('must be a push code, such as 3');
  return Number(text);
}

/** A shop id, as text. */
export function parseShopId(text: string): string {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('must be a shop id: digits only');
  return text;
}

const IsoDate = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** `2026-01-31`, 00:00 UTC, or a full ISO time with its offset, to unix seconds. */
export function parseDate(text: string): number {
  const date = IsoDate.safeParse(text);
  if (!date.success) {
    throw new InvalidArgumentError('must be an existing date such as 2026-01-31, or 2026-01-31T08:00:00+08:00');
  }
  return Math.floor(Date.parse(date.data) / 1000);
}

/** Order numbers, collected. */
export function parseOrderSn(text: string, before: string[] = []): string[] {
  if (!/^[\dA-Za-z]{1,40}$/.test(text))
    throw new InvalidArgumentError('must be an order number: letters and digits only');
  return [...before, text];
}

/** Adds a value of a repeatable option to those before. */
export function collectValue(text: string, before: string[] = []): string[] {
  return [...before, text];
}
