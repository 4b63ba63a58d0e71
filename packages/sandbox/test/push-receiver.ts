import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { once } from 'node:events';

export interface Received {
  body: string;
  headers: IncomingHttpHeaders;
}

/** A webhook that keeps what it gets and answers as the test says. */
export interface Receiver {
  url: string;
  received: Received[];
  response: (response: ServerResponse, body: string) => void;
  close(): Promise<void>;
}

/** 200 with an empty body: what Shopee counts as received. */
export function accept(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 0 }).end();
}

export async function createReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      receiver.received.push({ body, headers: request.headers });
      receiver.response(response, body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${address.port}/webhook/shopee`,
    received: [],
    response: accept,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
