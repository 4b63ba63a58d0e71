import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The type of a field in Google's own description of the API. */
export interface FieldType {
  type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'any';
  format?: string;
  enum?: string[];
  items?: FieldType;
  additionalProperties?: FieldType;
  $ref?: string;
}

export interface Parameter extends FieldType {
  location: 'path' | 'query';
  required?: boolean;
  repeated?: boolean;
}

export interface MethodDescription {
  httpMethod: string;
  path: string;
  parameters: Record<string, Parameter>;
  /** Name of the body's schema; absent for a method without a body. */
  request?: string;
  response: string;
  /** Any one of these is enough. */
  scopes: string[];
}

/** What the file in fixtures/ holds: the Sheets v4 discovery document without its prose (its source and revision are in it). */
const Description = z.object({
  parameters: z.record(z.string(), z.custom<Parameter>(isObject)),
  methods: z.record(z.string(), z.custom<MethodDescription>(isObject)),
  schemas: z.record(z.string(), z.record(z.string(), z.custom<FieldType>(isObject))),
});

/** Google's own description of its methods and messages. */
export const description = Description.parse(
  JSON.parse(readFileSync(new URL('fixtures/sheets-v4.json', import.meta.url), 'utf8')),
);

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** The fields of a message; throws on a name that the description does not have. */
export function fieldsOf(schema: string): Record<string, FieldType> {
  const fields = description.schemas[schema];
  if (fields === undefined) throw new Error(`no schema ${schema}`);
  return fields;
}
