import { onlyShop } from '../clients/shops.ts';
import { Queue } from '@shopee-webhook/store';
import { commonEnv, wholeNumber, readEnv, systemClock } from '@shopee-webhook/runtime';
import type { Command } from 'commander';
import { z } from 'zod';
import { parseOrderSn, parseShopId } from '../input/options.ts';
import { withRedis } from '../clients/redis.ts';
import type { Shell } from '../output/shell.ts';

const { ORDER_EVENT_CODES } = commonEnv;
const Env = z.object({ ORDER_EVENT_CODES, REDIS_MAX_RETRIES: wholeNumber(3) });

/** `orders refresh`: fetches an order and writes it again, through the queue like a push. */
export function addOrders(program: Command, shell: Shell): void {
  const orders = program.command('orders').description('single orders');
  orders
    .command('refresh')
    .argument('<sn...>', 'order numbers', parseOrderSn)
    .description('fetch orders from Shopee and write their rows again')
    .option('--shop <id>', 'their shop; optional when only one is connected', parseShopId)
    .action((sns: string[], { shop }: { shop?: string }) =>
      withRedis(shell.env, async (link) => {
        const { redis, keys } = link;
        const owner = shop ?? (await onlyShop(shell.env, link));
        const { ORDER_EVENT_CODES: codes, REDIS_MAX_RETRIES: maxRetries } = readEnv(Env, shell.env);
        // Only an event of these codes brings its order into the sheet.
        const code = codes.includes(3) ? 3 : (codes[0] ?? 3);
        const queue = new Queue({ redis, keys: keys.webhooks, activityKey: keys.activity });
        for (const sn of sns) {
          const activity = { code, shop: owner, sn };
          const { id } = await queue.enqueue(orderPush({ code, shop: owner, sn }), {
            source: 'refresh',
            maxRetries,
            activity,
          });
          shell.show({ id, shop: owner, sn }, () => [
            `${sn} queued as ${id}; follow it with: shopee-webhook events --id ${id}`,
          ]);
        }
      }),
    );
}

/** A push as Shopee would send it; the order's real state is fetched. */
function orderPush({ code, shop, sn }: { code: number; shop: string; sn: string }): string {
  const now = Math.floor(systemClock.wallMs() / 1000);
  const data = JSON.stringify({ ordersn: sn, status: '', update_time: now, items: [] });
  // By hand: a shop id may exceed JavaScript's safe integers.
  return `{"code":${String(code)},"shop_id":${shop},"timestamp":${String(now)},"data":${data}}`;
}
