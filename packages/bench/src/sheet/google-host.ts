// The fake Google in a thread of its own, so that its CPU is not counted as ours.
import { parentPort, type MessagePort } from 'node:worker_threads';
import { createGoogle, type Google } from '@shopee-webhook/sandbox';

/** A command for the thread; each is answered once. */
export type HostCommand =
  { kind: 'fill'; spreadsheetId: string; rows: Readonly<Record<string, number>> } | { kind: 'log' } | { kind: 'close' };

const unlimited = {
  readsPerUser: Infinity,
  writesPerUser: Infinity,
  readsPerProject: Infinity,
  writesPerProject: Infinity,
};

/** Copies the first row below the header of each tab until it has so many, each with its own key. */
function fillTabs(google: Google, { spreadsheetId, rows }: Extract<HostCommand, { kind: 'fill' }>): void {
  for (const [title, count] of Object.entries(rows)) {
    const grid = google.spreadsheet(spreadsheetId).sheetByTitle(title)?.grid;
    const [header, sample] = [grid?.rows[0]?.cells ?? [], grid?.rows[1]?.cells ?? []];
    const key = header.indexOf('Row key');
    if (grid === undefined || key < 0) throw new Error(`no tab ${title}`);
    for (let n = 1; n < count; n += 1) grid.rows[n + 1] = { cells: sample.with(key, `1:FILLED${n}`) };
    grid.rowCount = Math.max(grid.rowCount, Math.ceil((count + 1) / 1000) * 1000);
  }
}

async function serve(port: MessagePort): Promise<void> {
  const google = await createGoogle({ quotas: unlimited });
  const { url, tokenUrl, credentials, spreadsheetId } = google;
  port.on('message', (command: HostCommand) => {
    if (command.kind === 'fill') fillTabs(google, command);
    const log = google.requests.map(({ method, bytes, responseBytes = 0 }) => ({ method, bytes, responseBytes }));
    google.clearLog();
    if (command.kind === 'close') void google.close().then(() => port.close());
    port.postMessage(log);
  });
  port.postMessage({ url, tokenUrl, credentials, spreadsheetId });
}

if (parentPort !== null) await serve(parentPort);
