import { InvalidArgumentError } from 'commander';

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

/** `2026-01-31` or a full ISO time, to unix seconds. A date without a time begins at 00:00 UTC. */
export function parseDate(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('must be a date such as 2026-01-31');
  return Math.floor(ms / 1000);
}

/** Adds a value of a repeatable option to those before. */
export function collectValue(text: string, before: string[] = []): string[] {
  return [...before, text];
}
