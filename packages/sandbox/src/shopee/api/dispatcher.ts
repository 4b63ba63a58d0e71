import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Fault, Faults } from '../../fake-server/faults.ts';
import { toJson, type JsonObject } from '../data/json.ts';
import type { ShopeeSettings } from '../data/settings.ts';
import type { Api } from './api.ts';
import type { RequestValidator } from './request-validator.ts';
import { ApiError, apiError, invalidParameter } from './api-errors.ts';
import type { TokenStore } from './token-store.ts';

/**
 * How a call may go wrong. Not applied: `http-500`, `html-502`, `error` (any `code`), `rate-limit`, `daily-limit`, `reset`,
 * `hang` (for `ms`, else until the caller gives up). Then applied: `slow` (`ms` before), `token-revoked` (the shop's access
 * tokens end first), `response-lost` (done, then the connection is cut), `torn` (half of the response), `late` (`ms` after).
 */
export type ShopeeFault =
  | 'http-500'
  | 'html-502'
  | 'error'
  | 'rate-limit'
  | 'daily-limit'
  | 'reset'
  | 'hang'
  | 'slow'
  | 'token-revoked'
  | 'response-lost'
  | 'torn'
  | 'late';

export const shopeeFaults: readonly ShopeeFault[] = [
  'http-500',
  'html-502',
  'error',
  'rate-limit',
  'daily-limit',
  'reset',
  'hang',
  'slow',
  'token-revoked',
  'response-lost',
  'torn',
  'late',
];

/** What one call came to, for tests and counters. */
export interface CallRecord {
  path: string;
  error: string;
  shopId: string | undefined;
  at: number;
}

interface Outcome {
  status: number;
  text: string;
  error: string;
  hint?: string;
}

/** Leads each API call through faults, gate and its handler to Shopee's envelope. */
export class Dispatcher {
  readonly #apis: ReadonlyMap<string, Api>;
  readonly #validator: RequestValidator;
  readonly #tokens: TokenStore;
  readonly #settings: ShopeeSettings;
  readonly #faults: Faults<ShopeeFault>;
  readonly #now: () => number;
  readonly #onCall: (call: CallRecord) => void;

  constructor(parts: {
    apis: readonly Api[];
    validator: RequestValidator;
    tokens: TokenStore;
    settings: ShopeeSettings;
    faults: Faults<ShopeeFault>;
    now: () => number;
    onCall: (call: CallRecord) => void;
  }) {
    this.#apis = new Map(parts.apis.map((api) => [`${api.method} ${api.path}`, api]));
    this.#validator = parts.validator;
    this.#tokens = parts.tokens;
    this.#settings = parts.settings;
    this.#faults = parts.faults;
    this.#now = parts.now;
    this.#onCall = parts.onCall;
  }

  async serve(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const path = new URL(request.url, 'http://localhost').pathname;
    const query = queryOf(request);
    const fault = this.#faults.takeFault(`${path}?shop_id=${query['shop_id'] ?? ''}`);
    if (this.#settings.latencyMs > 0) await sleep(this.#settings.latencyMs);
    if (fault !== undefined && (await this.#respondWithFault(fault, reply))) return reply;
    if (fault?.kind === 'slow') await sleep(fault.ms ?? 2000);
    if (fault?.kind === 'token-revoked') this.#tokens.expireAccess(Number(query['shop_id']));
    const outcome = await this.#respond(request, path, query, fault);
    this.#onCall({ path, error: outcome.error, shopId: query['shop_id'], at: this.#now() });
    if (fault?.kind === 'late') await sleep(fault.ms ?? 2000);
    return sendOutcome(fault, reply, outcome);
  }

  /** Faults that answer (or do not) in place of the API. */
  async #respondWithFault(fault: Fault<ShopeeFault>, reply: FastifyReply): Promise<boolean> {
    switch (fault.kind) {
      case 'http-500':
        await reply.code(500).type('text/plain').send('Internal Server Error');
        return true;
      case 'html-502':
        await reply
          .code(502)
          .type('text/html')
          .send('<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>');
        return true;
      case 'hang':
        reply.hijack();
        if (fault.ms !== undefined) await sleep(fault.ms).then(() => reply.raw.destroy());
        return true;
      case 'reset':
        reply.hijack();
        reply.raw.socket?.resetAndDestroy();
        return true;
      default:
        return false;
    }
  }

  async #respond(
    request: FastifyRequest,
    path: string,
    query: Record<string, string>,
    fault?: Fault<ShopeeFault>,
  ): Promise<Outcome> {
    const requestId = randomBytes(16).toString('hex');
    try {
      if (fault?.kind === 'error') throw apiError(fault.code ?? 'error_server');
      if (fault?.kind === 'rate-limit') throw apiError('error_rate_limit');
      if (fault?.kind === 'daily-limit') throw apiError('error_limit');
      const api = this.#apis.get(`${request.method} ${path.slice('/api/v2'.length)}`);
      if (api === undefined) throw unknownPath();
      const names = [...new URL(request.url, 'http://localhost').searchParams.keys()];
      const repeated = names.find((name, index) => names.indexOf(name) !== index);
      if (repeated !== undefined) throw invalidParameter(repeated);
      const shop = this.#validator.validate({ api, path, query, ip: request.ip });
      const body = api.method === 'POST' ? bodyOf(request) : {};
      const keys = await api.handle({ query, body, shop, now: Math.floor(this.#now() / 1000) });
      const fine = this.#settings.dashOnSuccess ? '-' : '';
      const shown = withNullLists(keys, this.#settings.nullLists);
      return { status: 200, text: toJson({ error: fine, message: fine, request_id: requestId, ...shown }), error: '' };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const code = `${this.#settings.commonPrefix ? 'common.' : ''}${error.error}`;
      const text = toJson({ error: code, message: error.message, request_id: requestId, ...error.extra });
      const { statusOfError, errorStatus } = this.#settings;
      const status = statusOfError[error.error] ?? (error.status === 200 ? errorStatus : error.status);
      return { status, text, error: error.error, hint: error.hint };
    }
  }
}

function sendOutcome(fault: Fault<ShopeeFault> | undefined, reply: FastifyReply, outcome: Outcome): FastifyReply {
  if (fault?.kind === 'response-lost') {
    reply.hijack();
    reply.raw.socket?.resetAndDestroy();
    return reply;
  }
  if (fault?.kind === 'torn') {
    const bytes = Buffer.from(outcome.text);
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
    reply.raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => reply.raw.socket?.destroy());
    return reply;
  }
  if (outcome.hint !== undefined && outcome.hint !== '')
    void reply.header('x-sandbox-hint', encodeURIComponent(outcome.hint));
  return reply.code(outcome.status).type('application/json; charset=utf-8').send(outcome.text);
}

/** Lists that came as null when they were empty. */
const seenNull = new Set(['escrow_list', 'push_message_list']);

/** Some answers of the real service have null where a list would be empty, and get_order_list has no list at all. */
function withNullLists(body: JsonObject, which: ShopeeSettings['nullLists']): JsonObject {
  if (which === 'none') return body;
  const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;
  const isNull = (name: string, value: unknown) => isEmpty(value) && (which === 'all' || seenNull.has(name));
  const changed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(changed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name, inner]) => !(name === 'order_list' && 'more' in value && isEmpty(inner)))
        .map(([name, inner]) => [name, isNull(name, inner) ? null : changed(inner)]),
    );
  };
  return changed(body) as JsonObject;
}

/** A path or method that does not exist; 404 was measured in Shopee's sandbox. */
function unknownPath(): ApiError {
  const text = 'Permission denied. This API is currently offline or the request path is incorrect.';
  return new ApiError('error_param', text, { status: 404 });
}

function queryOf(request: FastifyRequest): Record<string, string> {
  return Object.fromEntries(new URL(request.url, 'http://localhost').searchParams);
}

function bodyOf(request: FastifyRequest): JsonObject {
  try {
    const parsed: unknown = JSON.parse(typeof request.body === 'string' ? request.body : '');
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as JsonObject;
  } catch {
    // Said below: not JSON is as wrong as not an object.
  }
  throw new ApiError('error_param', 'The request body is not a valid json format');
}
