import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { once } from 'node:events';

/** What came back for a push. */
export interface PushResponse {
  status: number;
  bodyBytes: number;
}

/** A signed body on its way. */
export interface OutgoingPush {
  authorization: string;
  body: string;
  timeoutMs: number;
}

/** Posts bodies over kept connections. Redirects are not followed, as Shopee does not. */
export class PushClient {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https = new HttpsAgent({ keepAlive: true });

  /** Rejects when the whole response is not there within `timeoutMs`. */
  async post(url: string, push: OutgoingPush): Promise<PushResponse> {
    const secure = url.startsWith('https:');
    const agent = secure ? this.#https : this.#http;
    const request = (secure ? httpsRequest : httpRequest)(url, { method: 'POST', agent, headers: headersOf(push) });
    const response = responseOf(request, push.timeoutMs);
    request.end(push.body);
    return response.catch((error: unknown) => {
      // The receiver closed a kept connection just before we used it: that is no failed push.
      const stale = request.reusedSocket && error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
      if (stale) return this.post(url, push);
      throw error;
    });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

function headersOf({ authorization, body }: OutgoingPush): OutgoingHttpHeaders {
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), authorization };
}

function responseOf(request: ClientRequest, timeoutMs: number): Promise<PushResponse> {
  return new Promise<PushResponse>((resolve, reject) => {
    const timer = setTimeout(() => request.destroy(new Error(`no response within ${timeoutMs} ms`)), timeoutMs);
    request.once('error', reject).once('close', () => clearTimeout(timer));
    request.once('response', (response) => {
      let bodyBytes = 0;
      response.on('data', (chunk: Buffer) => {
        bodyBytes += chunk.length;
      });
      once(response, 'end').then(() => resolve({ status: response.statusCode ?? 0, bodyBytes }), reject);
    });
  });
}
