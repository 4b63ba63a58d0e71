import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Gate } from '../api/gate.ts';
import { Refusal } from '../api/refusals.ts';
import type { Owner } from '../api/token-book.ts';
import type { Shopee } from '../create-shopee.ts';
import { html, page } from './html.ts';

type Query = Record<string, string>;

/**
 * What a seller sees when an app asks for access. Form A, `/auth` (unsigned, with `state`), and form B,
 * `/api/v2/shop/auth_partner` (signed, good for five minutes, no `state`). The button sends the browser back with `code`
 * and `shop_id`, or `main_account_id` when the seller chose a main account.
 */
export function authorizationPages(
  server: FastifyInstance,
  { shopee, gate }: { shopee: Shopee; gate: Gate },
  done: () => void,
): void {
  server.get<{ Querystring: Query }>('/auth', (request, reply) => {
    const { query } = request;
    const fault =
      query['partner_id'] !== String(shopee.app.partnerId)
        ? 'partner_id is invalid'
        : query['auth_type'] !== 'seller'
          ? 'auth_type must be seller'
          : query['response_type'] !== 'code'
            ? 'response_type must be code'
            : redirectFault(shopee, query['redirect_uri']);
    if (fault !== undefined) return refused(reply, fault);
    return choose(reply, shopee, { redirect: query['redirect_uri'] ?? '', state: query['state'] });
  });

  server.get<{ Querystring: Query }>('/api/v2/shop/auth_partner', (request, reply) => {
    const { query } = request;
    if (query['partner_id'] !== String(shopee.app.partnerId)) return refused(reply, 'partner_id is invalid');
    try {
      gate.checkSigned('/api/v2/shop/auth_partner', query, false);
    } catch (error) {
      if (error instanceof Refusal) return refused(reply, `${error.error}: ${error.message}`);
      throw error;
    }
    const fault = redirectFault(shopee, query['redirect']);
    return fault === undefined ? choose(reply, shopee, { redirect: query['redirect'] ?? '' }) : refused(reply, fault);
  });

  server.post('/_sandbox/authorize', async (request, reply) => {
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    const target = new URL(form.get('redirect') ?? '');
    const { owners, name, id, shops } = chosen(shopee, form.get('who') ?? '');
    const days = Number(form.get('days') ?? 365);
    for (const shopId of shops)
      shopee.authorize(shopId, days).catch((error: unknown) => process.emitWarning(String(error)));
    target.searchParams.set('code', shopee.tokens.code(owners, name === 'main_account_id' ? id : undefined));
    target.searchParams.set(name, String(id));
    if (form.get('state') !== null) target.searchParams.set('state', form.get('state') ?? '');
    return reply.redirect(target.href, 302);
  });

  server.get<{ Querystring: Query }>('/cancel_auth', (_request, reply) => {
    const shops = [...shopee.book.shops.values()].filter((shop) => shopee.tokens.authorizations.has(shop.shopId));
    const buttons = shops.map(
      (shop) =>
        html`<p><form method="post" action="/_sandbox/shops?shop=${shop.shopId}&amp;do=unlink"><button>Disconnect ${shop.name}</button></form></p>`,
    );
    return reply.type('text/html; charset=utf-8').send(page('Shopee sandbox: cancel authorisation', html`${buttons}`));
  });
  done();
}

function choose(
  reply: FastifyReply,
  shopee: Shopee,
  { redirect, state }: { redirect: string; state?: string | undefined },
): FastifyReply {
  const shops = [...shopee.book.shops.values()];
  const mains = [...new Set(shops.flatMap((shop) => (shop.mainAccountId === undefined ? [] : [shop.mainAccountId])))];
  const choices = [
    ...shops.map((shop) => ({ who: `shop:${shop.shopId}`, label: `${shop.name} (${shop.region}, ${shop.shopId})` })),
    ...mains.map((main) => ({ who: `main:${main}`, label: `Main account ${main}: all its shops` })),
  ];
  const body = html`<p>The app <code>${shopee.app.partnerId}</code> asks for access to your shop.</p>
    <form method="post" action="/_sandbox/authorize">
      <input type="hidden" name="redirect" value="${redirect}" />
      ${state === undefined ? '' : html`<input type="hidden" name="state" value="${state}" />`}
      ${choices.map(
        ({ who, label }, index) =>
          html`<p>
            <label><input type="radio" name="who" value="${who}" ${index === 0 ? 'checked' : ''} /> ${label}</label>
          </p>`,
      )}
      <p>
        <label
          >For
          <select name="days">
            ${[365, 180, 90, 30, 7].map((days) => html`<option>${days}</option>`)}
          </select>
          days</label
        >
      </p>
      <p><button class="main">Confirm authorisation</button></p>
    </form>`;
  return reply.type('text/html; charset=utf-8').send(page('Shopee sandbox: authorise', body));
}

function chosen(
  shopee: Shopee,
  who: string,
): { owners: Owner[]; name: 'shop_id' | 'main_account_id'; id: number; shops: number[] } {
  const id = Number(who.slice(5));
  const all = [...shopee.book.shops.values()];
  if (who.startsWith('shop:') && shopee.book.shops.has(id))
    return { owners: [`shop:${id}`], name: 'shop_id', id, shops: [id] };
  const own = all.filter((shop) => shop.mainAccountId === id);
  if (!who.startsWith('main:') || own.length === 0) throw new Error(`nobody is called ${who}`);
  const merchants = [...new Set(own.flatMap((shop) => (shop.merchantId === undefined ? [] : [shop.merchantId])))];
  const owners: Owner[] = [
    ...own.map(({ shopId }): Owner => `shop:${shopId}`),
    ...merchants.map((merchant): Owner => `merchant:${merchant}`),
  ];
  return { owners, name: 'main_account_id', id, shops: own.map(({ shopId }) => shopId) };
}

function redirectFault(shopee: Shopee, redirect: string | undefined): string | undefined {
  const target = URL.parse(redirect ?? '');
  if (target === null || !/^https?:$/.test(target.protocol)) return 'redirect is not a URL';
  const domain = shopee.settings.redirectDomain;
  if (domain === undefined || target.hostname === domain || target.hostname.endsWith(`.${domain}`)) return undefined;
  return `redirect must be on ${domain}`;
}

function refused(reply: FastifyReply, text: string): FastifyReply {
  return reply
    .code(400)
    .type('text/html; charset=utf-8')
    .send(page('Shopee sandbox: not possible', html`<p class="bad">${text}</p>`));
}
