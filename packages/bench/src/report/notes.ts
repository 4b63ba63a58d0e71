const heading = '## Remarks';

/** The hand-written part of docs/benchmarks.md, which a new run preserves. */
export function extractNotes(document: string): string {
  const at = document.indexOf(heading);
  return at === -1 ? heading : document.slice(at);
}
