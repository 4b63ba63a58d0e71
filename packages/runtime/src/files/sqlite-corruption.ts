/** SQLITE_CORRUPT and SQLITE_NOTADB, https://www.sqlite.org/rescode.html */
const corruptionCodes = [11, 26];

/** SQLite's primary result code, when the error is one of SQLite's. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** Whether the file is corrupt. Other errors are transient and leave the file intact. */
export function isCorrupt(error: unknown): error is Error {
  return corruptionCodes.includes(resultCode(error) ?? 0);
}
