import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the stub saw it. */
export interface StubRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
}

export interface StubReply {
  status?: number;
  headers?: Record<string, string>;
  /** Text as it is, anything else as JSON; `hang` never answers, `trickle` never ends, `drop` closes the connection. */
  body: unknown;
}

export interface StubServer extends AsyncDisposable {
  url: string;
  requests: StubRequest[];
}

export const hang = Symbol('never answers');
export const trickle = Symbol('never ends');
export const drop = Symbol('closes the connection');

/** A small HTTP server that answers as the test says. */
export async function startStub(reply: (request: StubRequest, count: number) => StubReply): Promise<StubServer> {
  const requests: StubRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://stub');
      const request = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        body: Buffer.concat(chunks).toString(),
      };
      requests.push(request);
      const { status = 200, headers = {}, body } = reply(request, requests.length);
      if (body === drop) incoming.socket.destroy();
      if (body === trickle) dribble(outgoing);
      if (typeof body === 'symbol') return;
      outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
      outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends a space every few milliseconds until the client has had enough. */
function dribble(outgoing: ServerResponse): void {
  const timer = setInterval(() => outgoing.write(' '), 10);
  outgoing.on('close', () => clearInterval(timer));
}
