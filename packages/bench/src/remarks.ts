const begin = '## Remarks';

/** The part of docs/benchmarks.md that people write, which a new run keeps. */
export function remarksOf(document: string): string {
  const at = document.indexOf(begin);
  return at === -1 ? begin : document.slice(at);
}
