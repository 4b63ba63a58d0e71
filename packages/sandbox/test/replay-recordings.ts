// Compares recordings that may not be copied into the project with what the fake responds.
//
//   git clone https://github.com/michaelAngelo1/api-shopee && node packages/sandbox/test/replay-recordings.ts api-shopee
//
// Takes every JSON file below the folder that holds the element of an escrow, a wallet or an order, whatever is around it, and
// prints the fields that it has and the fake lacks. Nothing of the files is stored.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createShopee } from '../src/shopee/create-shopee.ts';
import { marketShops } from '../src/shopee/orders/market-shops.ts';
import { missingIn } from './recorded-shape.ts';
import { at, Caller, type Body } from './shopee-caller.ts';

const [folder = '.'] = process.argv.slice(2);
const shopee = await createShopee({ shops: marketShops });

/** What marks an element, and the fake's own: one of each shop. */
const elements: Record<string, unknown[]> = { order_income: [], current_balance: [], order_status: [] };
const optionalFields = [
  'buyer_user_id,buyer_username,estimated_shipping_fee,recipient_address,actual_shipping_fee,goods_to_declare,note',
  'note_update_time,item_list,pay_time,dropshipper,dropshipper_phone,split_up,buyer_cancel_reason,cancel_by',
  'cancel_reason,actual_shipping_fee_confirmed,buyer_cpf_id,fulfillment_flag,pickup_done_time,package_list',
  'shipping_carrier,payment_method,total_amount,invoice_data,order_chargeable_weight_gram,edt,payment_info,return_request_due_date',
].join(',');
for (const { shopId } of marketShops) await addOwn(shopId);

async function addOwn(shopId: number): Promise<void> {
  const { orders } = shopee;
  const caller = new Caller(shopee, shopId);
  const { sn } = orders.place(shopId).record;
  while (orders.find(sn)?.status !== 'COMPLETED') orders.advance(sn);
  orders.correct(sn, -100);
  orders.requestReturn(sn);
  const detail = { order_sn_list: sn, response_optional_fields: optionalFields };
  const wallet = { page_no: 0, page_size: 1 };
  const responses = {
    order_income: [await caller.get('/payment/get_escrow_detail', { order_sn: sn }), 'response'],
    current_balance: [
      await caller.get('/payment/get_wallet_transaction_list', wallet),
      'response',
      'transaction_list',
      0,
    ],
    order_status: [await caller.get('/order/get_order_detail', detail), 'response', 'order_list', 0],
  } as const;
  for (const [mark, [body, ...path]] of Object.entries(responses)) elements[mark]?.push(at(body, ...path));
}

for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.json') || name.includes('node_modules')) continue;
  for (const [mark, own] of Object.entries(elements))
    for (const element of elementsIn(readJson(join(folder, name)), mark)) {
      const missing = missingIn(own, [element]);
      process.stdout.write(`${name}, ${mark}: ${missing.length === 0 ? 'nothing missing' : missing.join(', ')}\n`);
    }
}
await shopee.close();

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function elementsIn(value: unknown, mark: string): Body[] {
  if (Array.isArray(value)) return value.flatMap((entry) => elementsIn(entry, mark));
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap((entry) => elementsIn(entry, mark));
  return mark in value ? [value as Body, ...inner] : inner;
}
