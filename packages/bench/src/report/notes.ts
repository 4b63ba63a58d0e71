const heading = '## Remarks';

/** The part of docs/benchmarks.md that people write, which a new run keeps. */
export function extractNotes(document: string): string {
  const at = document.indexOf(heading);
  return at === -1 ? heading : document.slice(at);
}
