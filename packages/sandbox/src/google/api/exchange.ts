import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request with its whole body, and the ways to answer it. */
export interface Exchange {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** Indented, as Google does it, unless the query says `prettyPrint=false`. */
  json(status: number, value: unknown): void;
  html(status: number, text: string): void;
  script(text: string): void;
  /** Size of the response's body; 0 while there is none. */
  responseBytes(): number;
  /** Cuts the connection without a response. */
  reset(): void;
  /** Resolves when the client has gone, at once if it already has. */
  clientClosed(): Promise<void>;
}

/** Reads a request to its end; resolves with undefined when the client goes away before. */
export async function exchangeOf(request: IncomingMessage, response: ServerResponse): Promise<Exchange | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The client cut the connection while it was sending: there is no one to answer.
    return undefined;
  }
  let sent = 0;
  const send = (status: number, type: string, text: string) => {
    if (response.destroyed || response.headersSent) return;
    sent = Buffer.byteLength(text);
    response.writeHead(status, { 'content-type': type, 'content-length': sent });
    response.end(text);
  };
  const url = new URL(`http://sandbox${request.url ?? '/'}`);
  const indent = url.searchParams.get('prettyPrint') === 'false' ? 0 : 2;
  return {
    method: request.method ?? 'GET',
    url,
    headers: request.headers,
    body: Buffer.concat(chunks),
    json: (status, value) =>
      send(status, 'application/json; charset=UTF-8', `${JSON.stringify(value, null, indent)}\n`),
    html: (status, text) => send(status, 'text/html; charset=UTF-8', text),
    script: (text) => send(200, 'text/javascript; charset=UTF-8', text),
    responseBytes: () => sent,
    reset: () => void response.socket?.resetAndDestroy(),
    clientClosed: async () => {
      if (!response.destroyed) await once(response, 'close');
    },
  };
}
