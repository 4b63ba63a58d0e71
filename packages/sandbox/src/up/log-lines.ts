const shown = new Set(['warn', 'error', 'fatal']);

/** What of a service's output a person at the terminal needs to see: warnings, errors, and whatever is no log line. */
export function formatLogLine(name: string, line: string): string | undefined {
  const entry = parseLogEntry(line);
  if (entry === undefined) return line.trim() === '' ? undefined : `${name}: ${line}`;
  const { level, msg, title, err, generatedPassword } = entry;
  if (!shown.has(String(level))) return undefined;
  const cause = typeof err === 'object' && err !== null && 'message' in err ? ` (${String(err.message)})` : '';
  // The password is said once, and whoever sees the terminal may read the log that it is in as well.
  const more = [title, generatedPassword].flatMap((text) => (typeof text === 'string' ? [`: ${text}`] : []));
  return `${name}: ${String(level)}: ${String(msg)}${cause}${more.join('')}`;
}

function parseLogEntry(line: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // not a log line; the caller shows it as it is
  }
}
