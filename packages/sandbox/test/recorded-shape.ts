/** The paths at which `recorded` has a key or a type that `given` lacks; of lists, all entries together count. */
export function missingIn(given: unknown, recorded: unknown, path = ''): string[] {
  if (recorded === null || recorded === undefined) return [];
  if (Array.isArray(recorded)) {
    if (!Array.isArray(given)) return [path];
    if (recorded.length === 0) return [];
    if (given.length === 0) return [`${path}[]`];
    return recorded.flatMap((entry) => fewest(given.map((other) => missingIn(other, entry, `${path}[]`))));
  }
  if (typeof recorded === 'object') {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return [path];
    const own = new Map(Object.entries(given));
    return Object.entries(recorded).flatMap(([key, value]) => {
      const inner = path === '' ? key : `${path}.${key}`;
      return own.has(key) ? missingIn(own.get(key), value, inner) : [inner];
    });
  }
  return typeof given === typeof recorded || given === null ? [] : [path];
}

function fewest(lists: readonly string[][]): string[] {
  return lists.reduce((best, list) => (list.length < best.length ? list : best));
}
