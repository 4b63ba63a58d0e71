import type { Shopee } from './shopee.ts';
import { html, type Html } from '../fake-server/html.ts';

/** The seller chooses a shop, or a main account with all its shops, and for how long. */
export function consentForm(shopee: Shopee, given: { redirect: string; state: string | undefined }): Html {
  const shops = [...shopee.orders.shops.values()];
  const mains = new Set(shops.flatMap((shop) => (shop.mainAccountId === undefined ? [] : [shop.mainAccountId])));
  const choices = [
    ...shops.map((shop) => ({ who: `shop:${shop.shopId}`, label: `${shop.name} (${shop.region}, ${shop.shopId})` })),
    ...[...mains].map((main) => ({ who: `main:${main}`, label: `Main account ${main}: all its shops` })),
  ];
  return html`<p>The app <code>${shopee.app.partnerId}</code> asks for access to your shop.</p>
    <form method="post" action="/_sandbox/authorize">
      <input type="hidden" name="redirect" value="${given.redirect}" />
      ${given.state === undefined ? '' : html`<input type="hidden" name="state" value="${given.state}" />`}
      ${choices.map(({ who, label }, index) => choice(who, label, index === 0))}
      <p>
        <label
          >For
          <select name="days">
            ${[365, 180, 90, 30, 7].map(days)}
          </select>
          days</label
        >
      </p>
      <p><button class="main">Confirm authorization</button></p>
    </form>`;
}

/** The seller revokes access. */
export function cancelForm(shopee: Shopee, redirect: string): Html {
  const shops = [...shopee.orders.shops.values()].filter((shop) => shopee.tokens.authorizations.has(shop.shopId));
  return html`<p>Take access back from the app <code>${shopee.app.partnerId}</code>.</p>
    <form method="post" action="/_sandbox/cancel">
      <input type="hidden" name="redirect" value="${redirect}" />
      ${shops.map((shop, index) => choice(`shop:${shop.shopId}`, `${shop.name} (${shop.region})`, index === 0))}
      <p><button class="main">Cancel the authorization</button></p>
    </form>`;
}

function choice(who: string, label: string, first: boolean): Html {
  return html`<p>
    <label><input type="radio" name="who" value="${who}" ${first ? 'checked' : ''} /> ${label}</label>
  </p>`;
}

function days(count: number): Html {
  return html`<option>${count}</option>`;
}
