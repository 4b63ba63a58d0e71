import { badPayload, type Violation } from '../spreadsheet/api-error.ts';
import { description, type MethodDescription } from '../spreadsheet/description.ts';
import { invalidValue, protoName, scalarFits, scalarName } from './json-check.ts';

export interface Route {
  /** As Google's description names it, without the leading `spreadsheets.`: `values.batchUpdate`. */
  name: string;
  method: MethodDescription;
  /** Whether it counts against the quota of reads; everything that may change a spreadsheet is a write. */
  isRead: boolean;
}

interface Pattern extends Route {
  expression: RegExp;
}

const readsByPost = new Set(['getByDataFilter', 'values.batchGetByDataFilter', 'developerMetadata.search']);

const patterns: Pattern[] = Object.entries(description.methods)
  .map(([name, method]) => ({
    name,
    method,
    isRead: method.httpMethod === 'GET' || readsByPost.has(name),
    // An id has no colon, so that `{id}:batchUpdate` stays apart; a range may have one.
    expression: new RegExp(
      `^/${method.path.replaceAll(/\{(\w+)\}/gu, (_, field: string) => (field === 'range' ? `(?<${field}>[^/]+)` : `(?<${field}>[^/:]+)`))}$`,
      'u',
    ),
  }))
  // `{range}:append` before `{range}`.
  .toSorted((a, b) => b.method.path.length - a.method.path.length);

/** The method that a request is for, with the parameters of its path; undefined if Google has none there. */
export function routeOf(httpMethod: string, pathname: string): (Route & { path: Record<string, string> }) | undefined {
  for (const { expression, ...route } of patterns) {
    const found = route.method.httpMethod === httpMethod ? expression.exec(pathname) : null;
    if (found === null) continue;
    const path = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)] as const);
    return { ...route, path: Object.fromEntries(path) };
  }
  return undefined;
}

/** The parameters of the query by name; throws the 400 of one that the method does not have or whose value does not fit. */
export function checkedQuery(route: Route, search: URLSearchParams): Record<string, string[]> {
  const query: Record<string, string[]> = {};
  const violations: Violation[] = [];
  for (const [name, value] of search) {
    const parameter = route.method.parameters[name] ?? description.parameters[name];
    if (parameter === undefined || parameter.location !== 'query')
      violations.push({
        field: '',
        description: `Invalid JSON payload received. Unknown name ${JSON.stringify(name)}: Cannot bind query parameter. Field '${name}' could not be found in request message.`,
      });
    else if (parameter.type === 'boolean' ? !/^(?:true|false|1|0)$/iu.test(value) : !scalarFits(parameter, value))
      violations.push(
        invalidValue(protoName(name), scalarName(parameter, `${name[0]?.toUpperCase()}${name.slice(1)}`), value),
      );
    (query[name] ??= []).push(value);
  }
  if (violations.length > 0) throw badPayload(violations);
  return query;
}
