import type { HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { ShopNames } from './shop-names.ts';
import { callbackPath, AuthorizationError, type ShopAuthorization } from './shop-authorization.ts';

export interface AuthorizationRoutesDeps {
  authorization: ShopAuthorization;
  shops: Pick<ShopNames, 'invalidate'>;
}

const Query = z.object({
  code: z.string().max(500).optional(),
  shop_id: z.string().regex(/^\d+$/).optional(),
  main_account_id: z.string().regex(/^\d+$/).optional(),
  state: z.string().max(500).optional(),
});

/**
 * Where Shopee's authorization page sends the seller's browser. It needs no session: the browser sends no SameSite=Strict
 * cookie when it comes from another site. `state`, which a cookie of its own must repeat, proves who began.
 */
export async function authorizationRoutes(
  app: HttpServer,
  { authorization, shops }: AuthorizationRoutesDeps,
): Promise<void> {
  const schema = {
    tags: ['shops'],
    summary: 'Callback of Shopee’s authorization page',
    description: 'Exchanges the code, stores the tokens, and redirects to the dashboard’s page Shops.',
    querystring: Query,
  };
  app.get(callbackPath, { schema }, async (request, reply) => {
    const { code, shop_id: shopId, main_account_id: mainAccountId, state } = request.query;
    try {
      const connected = await authorization.finish({
        code,
        shopId,
        mainAccountId,
        state,
        browserState: readState(request.headers.cookie),
      });
      // The page that the browser is sent to shows them as they are now.
      shops.invalidate();
      return await reply.redirect(`/dashboard/shops?connected=${connected.join(',')}`, 303);
    } catch (error) {
      if (!(error instanceof AuthorizationError)) throw error;
      request.log.warn({ err: error }, 'shop not connected');
      return await reply.redirect(`/dashboard/shops?problem=${error.code}`, 303);
    }
  });
}

const stateCookie = 'shopee_webhook_authorization';

/** Ties a link to the browser that asked for it. Lax: the browser comes back from another site. */
export function stateCookieFor(state: string, { secure }: { secure: boolean }): string {
  const attributes = ['Path=/auth/shopee', 'HttpOnly', 'SameSite=Lax', 'Max-Age=1800', ...(secure ? ['Secure'] : [])];
  return `${stateCookie}=${state}; ${attributes.join('; ')}`;
}

function readState(cookies: string | undefined): string | undefined {
  const prefix = `${stateCookie}=`;
  return cookies
    ?.split(';')
    .map((cookie) => cookie.trim())
    .find((cookie) => cookie.startsWith(prefix))
    ?.slice(prefix.length);
}
