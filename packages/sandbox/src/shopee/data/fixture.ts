import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { JsonObject } from './json.ts';

const folder = new URL('../fixtures/', import.meta.url);

/** A start value from `fixtures/api`. */
export function apiFixture(name: string): JsonObject {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(new URL(`api/${name}.json`, folder), 'utf8')));
}

/** The push bodies of `fixtures/push`, exactly as their files have them, by file name without `.json`. */
export function pushFixtures(): Map<string, string> {
  const names = readdirSync(new URL('push/', folder)).filter((name) => name.endsWith('.json'));
  const texts = names.map(
    (name) => [name.slice(0, -5), readFileSync(new URL(`push/${name}`, folder), 'utf8')] as const,
  );
  return new Map(texts);
}

/** The object under `key`; throws when there is none, because a fixture is then not what it should be. */
export function objectIn(value: JsonObject, key: string): JsonObject {
  const found = value[key];
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw new Error(`no object at ${key}`);
  return found as JsonObject;
}
