import type { HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { ShopNames } from '../dashboard/shop-names.ts';
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
 * Where Shopee's authorisation page sends the seller's browser. No session is asked for: the browser sends no
 * SameSite=Strict cookie when it comes from another site, and `state` proves that the link was made here.
 */
export async function authorizationRoutes(
  app: HttpServer,
  { authorization, shops }: AuthorizationRoutesDeps,
): Promise<void> {
  const schema = {
    tags: ['shops'],
    summary: 'The way back from Shopee’s authorisation page',
    description: 'Exchanges the code, keeps the tokens, and leads to the dashboard’s Shops page.',
    querystring: Query,
  };
  app.get(callbackPath, { schema }, async (request, reply) => {
    const { code, shop_id: shopId, main_account_id: mainAccountId, state } = request.query;
    try {
      const connected = await authorization.finish({ code, shopId, mainAccountId, state });
      // The page that the browser is sent to shows them as they are now.
      shops.invalidate();
      return await reply.redirect(`/dashboard/shops?connected=${connected.join(',')}`, 303);
    } catch (error) {
      if (!(error instanceof AuthorizationError)) throw error;
      request.log.warn({ err: error }, 'shop not connected');
      return await reply.redirect(`/dashboard/shops?problem=${encodeURIComponent(error.message)}`, 303);
    }
  });
}
