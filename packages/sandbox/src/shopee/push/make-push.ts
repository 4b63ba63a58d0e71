import type { OrderContent } from '../orders/order-content.ts';
import { packageNumbersOf, trackingNumberOf, type OrderRecord, type PushBody } from '../orders/order-record.ts';
import { pushFixtures } from '../data/fixture.ts';

export interface MakePushOptions {
  shopId: number;
  partnerId: number;
  /** Unix seconds: when it happens. */
  now: number;
  /** The order it speaks of, for codes that speak of one. */
  order?: { record: OrderRecord; content: OrderContent };
  /** Part of the sample's name where a code has several: `shipped`, `image`, `by-seller`. */
  variant?: string;
}

const samples = pushFixtures();
// The samples' own values, which `makePush` replaces.
const sampleTime = 1_788_221_000;
const sampleMessageId = '2000000000000000001';

/**
 * A push of any code, from Shopee's documented sample with this shop, time and order in it. Codes without a known sample
 * (6, 11, 18–21, 27, 31, 33–36, 38) get an envelope with generated data.
 */
export function makePush(code: number, options: MakePushOptions): PushBody {
  const prefix = `${String(code).padStart(2, '0')}-`;
  const names = [...samples.keys()].filter((name) => name.startsWith(prefix));
  const name = names.find((candidate) => candidate.includes(`.${options.variant ?? ''}`)) ?? names[0];
  const sample = name === undefined ? undefined : samples.get(name);
  if (sample === undefined) {
    return { data: { update_time: options.now }, shop_id: options.shopId, code, timestamp: options.now };
  }
  const values = replacements(options);
  return filled(JSON.parse(sample), options.now - sampleTime, values) as PushBody;
}

/** The codes for which there is a documented sample. */
export function sampledCodes(): number[] {
  return [...new Set([...samples.keys()].map((name) => Number(name.slice(0, 2))))];
}

function replacements({ shopId, partnerId, now, order }: MakePushOptions): Map<unknown, unknown> {
  const values = new Map<unknown, unknown>([
    [700_000_001, shopId],
    [1_000_001, partnerId],
    [sampleMessageId, `2${String(now)}${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`],
  ]);
  if (order === undefined) return values;
  const { record, content } = order;
  const [line] = content.lines;
  return values
    .set('260901K7QWE8RT', record.sn)
    .set('OFG100000000000001', packageNumbersOf(record, content.split)[0])
    .set('SPXSG000000000001', trackingNumberOf(record, content.carrier.prefix, 0))
    .set('buyer_example_01', content.buyer.username)
    .set('2609030RET00001', record.returns.at(-1)?.sn ?? '2609030RET00001')
    .set(900_000_001, line?.product.itemId)
    .set(910_000_001, line?.modelId);
}

/** The same value with other ids, its times moved by `shift` seconds. */
function filled(value: unknown, shift: number, values: ReadonlyMap<unknown, unknown>): unknown {
  if (Array.isArray(value)) return value.map((entry) => filled(entry, shift, values));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, filled(entry, shift, values)]));
  }
  if (typeof value === 'number' && value > 1_780_000_000 && value < 1_800_000_000) return value + shift;
  return values.has(value) ? values.get(value) : value;
}
