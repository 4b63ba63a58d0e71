import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A span as the collector gets it. */
export interface ReceivedSpan {
  service: string;
  traceId: string;
  spanId: string;
  parentId: string;
  name: string;
  attributes: Record<string, string>;
}

export interface OtlpReceiver {
  url: string;
  spans: ReceivedSpan[];
  close(): void;
}

/** A collector of OpenTelemetry traces: OTLP over HTTP with protobuf, as opentelemetry-proto's trace.proto has it. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/v1/traces') spans.push(...spansOf(await buffer(request)));
    response.setHeader('content-type', 'application/x-protobuf').end();
  };
  const server = createServer((request, response) => {
    void take(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    spans,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** ExportTraceServiceRequest → ResourceSpans (1) → resource (1), ScopeSpans (2) → Span (2). */
function spansOf(request: Buffer): ReceivedSpan[] {
  return all(request, 1).flatMap((resourceSpans) => {
    const service = attributesOf(all(resourceSpans, 1)[0] ?? Buffer.alloc(0), 1)['service.name'] ?? '';
    return all(resourceSpans, 2)
      .flatMap((scopeSpans) => all(scopeSpans, 2))
      .map((span) => ({
        service,
        traceId: hex(span, 1),
        spanId: hex(span, 2),
        parentId: hex(span, 4),
        name: all(span, 5)[0]?.toString() ?? '',
        attributes: attributesOf(span, 9),
      }));
  });
}

/** KeyValue: key (1), value (2): AnyValue: string_value (1); numbers are left out. */
function attributesOf(message: Buffer, field: number): Record<string, string> {
  const pairs = all(message, field).map((pair): [string, string] => [
    all(pair, 1)[0]?.toString() ?? '',
    all(all(pair, 2)[0] ?? Buffer.alloc(0), 1)[0]?.toString() ?? '',
  ]);
  return Object.fromEntries(pairs);
}

function hex(message: Buffer, field: number): string {
  return all(message, field)[0]?.toString('hex') ?? '';
}

/** The length-delimited values of a field; others are passed over. */
function all(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const [field, kind] = [Math.floor(tag / 8), tag % 8];
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else {
      const length = varint();
      if (field === wanted) found.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}
