import type { Google } from './google.ts';

/** The spreadsheet as a person sees it. */
export function sheetPage(google: Google, query: URLSearchParams): string {
  return `<!doctype html><title>${google.spreadsheetId}</title><pre>${query.toString()}</pre>`;
}
