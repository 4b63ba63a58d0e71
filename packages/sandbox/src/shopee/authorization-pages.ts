import type { FastifyInstance, FastifyReply } from 'fastify';
import type { RequestValidator } from './api/request-validator.ts';
import { ApiError } from './api/api-errors.ts';
import type { Owner } from './api/token-store.ts';
import type { Shopee } from './shopee.ts';
import { cancelForm, consentForm } from './authorization-forms.ts';
import { html, page, type Html } from '../fake-server/html.ts';

type Query = Readonly<Record<string, string>>;

/**
 * What a seller sees when an app requests access or gives it back. Form A, `/auth` and `/cancel_auth` (unsigned, with
 * `state`), and form B, `/api/v2/shop/auth_partner` and `…/cancel_auth_partner` (signed, good for five minutes, without).
 * The button sends the browser back with `code` and `shop_id`, or `main_account_id` when the seller chose that.
 */
export function authorizationPages(
  server: FastifyInstance,
  { shopee, gate: validator }: { shopee: Shopee; gate: RequestValidator },
  done: () => void,
): void {
  for (const path of ['/auth', '/cancel_auth']) {
    server.get<{ Querystring: Query }>(path, ({ query }, reply) => {
      const fault = formError(shopee, query) ?? redirectError(shopee, query['redirect_uri']);
      const given = { redirect: query['redirect_uri'] ?? '', state: query['state'] };
      return fault === undefined ? show(reply, path, shopee, given) : rejected(reply, fault);
    });
  }
  for (const path of ['/api/v2/shop/auth_partner', '/api/v2/shop/cancel_auth_partner']) {
    server.get<{ Querystring: Query }>(path, ({ query }, reply) => {
      const fault = signatureError(validator, path, query) ?? redirectError(shopee, query['redirect']);
      const given = { redirect: query['redirect'] ?? '', state: undefined };
      return fault === undefined ? show(reply, path, shopee, given) : rejected(reply, fault);
    });
  }
  server.post('/_sandbox/authorize', (request, reply) => {
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    const target = new URL(form.get('redirect') ?? '');
    const { owners, name, id } = parseChoice(shopee, form.get('who') ?? '');
    for (const shopId of shopsOf(owners)) shopee.authorize(shopId, Number(form.get('days') ?? 365)).catch(warn);
    target.searchParams.set('code', shopee.tokens.code(owners, name === 'main_account_id' ? id : undefined));
    target.searchParams.set(name, String(id));
    const state = form.get('state');
    if (state !== null) target.searchParams.set('state', state);
    return reply.redirect(target.href, 302);
  });
  server.post('/_sandbox/cancel', (request, reply) => {
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    const { owners, name, id } = parseChoice(shopee, form.get('who') ?? '');
    for (const shopId of shopsOf(owners)) shopee.deauthorize(shopId).catch(warn);
    const target = new URL(form.get('redirect') ?? '');
    target.searchParams.set(name, String(id));
    return reply.redirect(target.href, 302);
  });
  done();
}

function show(
  reply: FastifyReply,
  path: string,
  shopee: Shopee,
  given: { redirect: string; state: string | undefined },
): FastifyReply {
  if (!path.includes('cancel')) return send(reply, 'authorize', consentForm(shopee, given));
  return send(reply, 'cancel the authorization', cancelForm(shopee, given.redirect));
}

function formError(shopee: Shopee, query: Query): string | undefined {
  if (query['partner_id'] !== String(shopee.app.partnerId)) return 'partner_id is invalid';
  if (query['auth_type'] !== 'seller') return 'auth_type must be seller';
  return query['response_type'] === 'code' ? undefined : 'response_type must be code';
}

function signatureError(validator: RequestValidator, path: string, query: Query): string | undefined {
  try {
    validator.checkSignature(path, query, false);
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return `${error.error}: ${error.message}`;
    throw error;
  }
}

/** Once the console knows a redirect domain, only that and those below it are allowed. */
function redirectError(shopee: Shopee, redirect = ''): string | undefined {
  const target = URL.parse(redirect);
  if (target === null || !/^https?:$/.test(target.protocol)) return 'the redirect is not a URL';
  const domain = shopee.settings.redirectDomain;
  if (domain === undefined || target.hostname === domain || target.hostname.endsWith(`.${domain}`)) return undefined;
  return `the redirect must be on ${domain}`;
}

/** For whom the seller decided: `shop:700000001`, or `main:60001` for all shops and merchants of a main account. */
function parseChoice(
  shopee: Shopee,
  who: string,
): { owners: Owner[]; name: 'shop_id' | 'main_account_id'; id: number } {
  const id = Number(who.slice(5));
  if (who.startsWith('shop:') && shopee.orders.shops.has(id)) return { owners: [`shop:${id}`], name: 'shop_id', id };
  const own = [...shopee.orders.shops.values()].filter((shop) => shop.mainAccountId === id);
  if (!who.startsWith('main:') || own.length === 0) throw new Error(`nobody is called ${who}`);
  const merchants = new Set(own.flatMap((shop) => (shop.merchantId === undefined ? [] : [shop.merchantId])));
  const shops = own.map(({ shopId }): Owner => `shop:${shopId}`);
  return {
    owners: [...shops, ...[...merchants].map((merchant): Owner => `merchant:${merchant}`)],
    name: 'main_account_id',
    id,
  };
}

function shopsOf(owners: readonly Owner[]): number[] {
  return owners.filter((owner) => owner.startsWith('shop:')).map((owner) => Number(owner.slice(5)));
}

function send(reply: FastifyReply, title: string, body: Html): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(page(`Shopee sandbox: ${title}`, body));
}

function rejected(reply: FastifyReply, text: string): FastifyReply {
  return send(reply.code(400), 'not possible', html`<p class="bad">${text}</p>`);
}

/** A push that could not be sent must not spoil the seller's response. */
function warn(error: unknown): void {
  process.emitWarning(String(error));
}
