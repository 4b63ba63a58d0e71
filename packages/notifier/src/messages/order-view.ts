import { z } from 'zod';

const text = z.string().optional().catch(undefined);
const number = z.number().optional().catch(undefined);

const Income = z.object({
  amounts: z.record(z.string(), number).catch({}),
});

/**
 * The order of a notification (shopee's OrderSummary). It went through Redis and may come from
 * another version of the worker: invalid fields are left out, and the notification is still sent.
 */
export const OrderView = z.object({
  sn: z.string(),
  shopId: text,
  status: text,
  region: text,
  currency: text,
  cod: z.boolean().optional().catch(undefined),
  times: z
    .object({ created: number, updated: number, paid: number, shipBy: number, pickedUp: number, returnBy: number })
    .catch({}),
  buyer: z.object({ username: text, name: text, phone: text, address: text }).catch({}),
  total: number,
  paymentMethod: text,
  carrier: text,
  trackingNumbers: z.array(z.string()).catch([]),
  note: text,
  messageToSeller: text,
  cancelBy: text,
  cancelReason: text,
  items: z
    .array(
      z.object({
        name: z.string().catch(''),
        sku: text,
        variation: text,
        quantity: z.number().catch(0),
        unitPrice: number,
        lineTotal: number,
      }),
    )
    .catch([]),
  income: Income.optional().catch(undefined),
});

export type OrderView = z.infer<typeof OrderView>;
export type OrderItemView = OrderView['items'][number];
