import { systemClock } from '@shopee-webhook/runtime';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { shopeeFaults } from './api/dispatcher.ts';
import type { Change } from './orders/order-record.ts';
import type { Shopee } from './shopee.ts';
import { SettingsChange } from './data/settings.ts';
import { makePush } from './push/make-push.ts';

const number = z.coerce.number().int();
const Orders = z.object({
  shop: number.optional(),
  sn: z.string().optional(),
  do: z
    .enum([
      'advance',
      'cancel',
      'return',
      'fail-pickup',
      'fail-delivery',
      'lose-parcel',
      'extend',
      'hold',
      'release',
      'correct',
    ])
    .default('advance'),
  /** Of a correction: signed, in minor units. */
  amount: number.optional(),
  count: number.min(1).max(1000).default(1),
});
const Pushes = z.object({
  code: number,
  shop: number.optional(),
  sn: z.string().optional(),
  variant: z.string().optional(),
  /** Sent byte for byte instead. */
  text: z.string().optional(),
});
const NewFault = z.object({
  kind: z.enum(shopeeFaults),
  on: z.string().optional(),
  times: z.number().min(1).optional(),
  ms: z.number().min(0).optional(),
  code: z.string().optional(),
});
const Run = z.object({
  run: z.enum(['start', 'stop']),
  stepsPerMinute: z.coerce.number().min(0.1).max(60_000).optional(),
});
const Shops = z.object({
  shop: number,
  do: z.enum(['authorize', 'unlink', 'end-access', 'end-refresh', 'tokens']),
  days: number.optional(),
});

/**
 * The fake's own handles, for buttons and for other processes: POST with the parameters in the query or as JSON.
 * A browser's form is led back to the page it came from.
 */
export function controlRoutes(server: FastifyInstance, { shopee }: { shopee: Shopee }, done: () => void): void {
  post(server, '/_sandbox/orders', Orders, async (input) => {
    if (input.sn !== undefined) return sendAndReport(shopee, [stepOf(shopee, input.sn, input)]);
    const shops = [...shopee.orders.shops.keys()];
    const placed = Array.from({ length: input.count }, (_, index) =>
      shopee.orders.place(input.shop ?? shops[index % shops.length] ?? 0),
    );
    return sendAndReport(shopee, placed);
  });
  post(server, '/_sandbox/pushes', Pushes, async ({ code, shop, sn, variant, text }) => {
    const record = sn === undefined ? undefined : shopee.orders.find(sn);
    const order = record === undefined ? {} : { order: { record, content: shopee.orders.contentOf(record) } };
    const shopId = record?.shopId ?? shop ?? [...shopee.orders.shops.keys()][0] ?? 0;
    const now = Math.floor(systemClock.wallMs() / 1000);
    const chosen = variant === undefined ? {} : { variant };
    return shopee.pushes.send(
      text ?? makePush(code, { shopId, partnerId: shopee.app.partnerId, now, ...order, ...chosen }),
    );
  });
  post(
    server,
    '/_sandbox/faults',
    z.union([NewFault, z.array(NewFault), z.object({ clear: z.literal(true) })]),
    async (input) => {
      if ('clear' in input) shopee.faults.clear();
      else for (const { kind, ...rest } of [input].flat()) shopee.faults.add({ kind, ...defined(rest) });
      return { pending: shopee.faults.pending };
    },
  );
  post(server, '/_sandbox/settings', SettingsChange, async (input) => {
    const changes = Object.entries(input).map(([name, value]) => [name, value ?? undefined] as const);
    return Object.assign(shopee.settings, Object.fromEntries(changes));
  });
  post(server, '/_sandbox/shops', Shops, async ({ shop, do: action, days }) => {
    if (action === 'authorize') return shopee.authorize(shop, days);
    if (action === 'unlink') return shopee.deauthorize(shop);
    if (action === 'tokens') return shopee.issueTokens(shop);
    if (action === 'end-access') shopee.tokens.expireAccess(shop);
    else shopee.tokens.expireRefresh(shop);
    return {};
  });
  post(server, '/_sandbox/traffic', Run, async ({ run, stepsPerMinute }) => {
    if (run === 'start') shopee.traffic.start(stepsPerMinute);
    else shopee.traffic.stop();
    return { running: shopee.traffic.running };
  });
  done();
}

function stepOf({ orders }: Shopee, sn: string, { do: action, amount }: z.infer<typeof Orders>): Change {
  switch (action) {
    case 'advance':
      return orders.advance(sn);
    case 'cancel':
      return orders.cancel(sn);
    case 'return':
      return orders.requestReturn(sn);
    case 'fail-pickup':
      return orders.failPickup(sn);
    case 'fail-delivery':
      return orders.failDelivery(sn);
    case 'lose-parcel':
      return orders.loseParcel(sn);
    case 'release':
      return { record: orders.release(sn), pushes: [] };
    case 'correct':
      return { record: orders.correct(sn, amount ?? -100), pushes: [] };
    case 'extend':
      return orders.extendShipping(sn);
    case 'hold':
      return orders.hold(sn);
  }
}

async function sendAndReport(shopee: Shopee, changes: readonly Change[]) {
  const sent = await Promise.all(changes.map((change) => shopee.sendPushes(change)));
  return {
    orders: changes.map(({ record }) => ({ sn: record.sn, shopId: record.shopId, status: record.status })),
    pushes: sent.flat().map(({ id, code, state }) => ({ id, code, state })),
  };
}

function post<T extends z.ZodType>(
  server: FastifyInstance,
  path: string,
  schema: T,
  handler: (input: z.infer<T>) => Promise<unknown>,
): void {
  server.post(path, async (request, reply) => {
    const body: unknown =
      typeof request.body === 'string' && request.body.startsWith('{') ? JSON.parse(request.body) : undefined;
    const list: unknown =
      typeof request.body === 'string' && request.body.startsWith('[') ? JSON.parse(request.body) : undefined;
    const input = schema.safeParse(list ?? body ?? request.query);
    if (!input.success) return reply.code(400).send({ error: z.prettifyError(input.error) });
    try {
      const result = await handler(input.data);
      const fromPage = request.headers.accept?.includes('text/html') ?? false;
      return await (fromPage ? reply.redirect('/', 303) : reply.send(result));
    } catch (error) {
      return reply.code(409).send({ error: error instanceof Error ? error.message : String(error) });
    }
  });
}

/** Without the keys that are undefined. */
function defined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
