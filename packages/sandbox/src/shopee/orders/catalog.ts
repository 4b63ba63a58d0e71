/** A product of the generated shops; `level` places its price within the market's range, 0 to 1. */
export interface Product {
  itemId: number;
  name: string;
  sku: string;
  level: number;
  weightKg: number;
  models: readonly { modelId: number; name: string; sku: string }[];
}

const drafts: readonly [name: string, sku: string, level: number, weightKg: number, models: readonly string[]][] = [
  ['Cotton T-shirt, unisex, 180 gsm', 'TEE', 0.1, 0.2, ['Black,M', 'Black,L', 'White,M', 'White,L', 'Sage,M']],
  ['Linen shirt with wooden buttons', 'LIN', 0.3, 0.25, ['Sand,S', 'Sand,M', 'Navy,M']],
  ['Stainless steel bottle 750 ml', 'BTL', 0.2, 0.4, ['Silver', 'Matt black', 'Forest']],
  ['Bluetooth earbuds "Pebble" 🎧', 'EAR', 0.4, 0.1, ['White', 'Black']],
  ['USB-C cable 1 m', 'USB', 0.02, 0.05, ['']],
  ['Desk lamp, 3 light colors', 'LMP', 0.35, 1.1, ['White', 'Black']],
  ['Yoga mat 6 mm', 'YGA', 0.25, 1.3, ['Lilac', 'Teal']],
  ['Rice cooker 1.8 l', 'RCE', 0.8, 3.2, ['']],
  ['Matcha powder, 100 g <ceremonial & organic>', 'MAT', 0.15, 0.12, ['100g', '3 x 100g']],
  ['Phone stand, aluminium', 'STD', 0.08, 0.3, ['Silver', 'Grey']],
  ['Baby romper, organic cotton', 'BBY', 0.12, 0.15, ['3-6M', '6-9M', '9-12M']],
  ['Mechanical keyboard, 75 %', 'KEY', 0.9, 0.9, ['Red switches', 'Brown switches']],
];

/** Everything that the generated shops sell, but for drinks. */
export const products: readonly Product[] = drafts.map((draft, index) => productOf(draft, index));

/** Bottles on which a deposit is taken where there is one. */
export const drink: Product = productOf(['Barley tea, 6 bottles of 500 ml', 'TEA', 0.05, 3.1, ['']], drafts.length);

function productOf([name, sku, level, weightKg, models]: (typeof drafts)[number], index: number): Product {
  return {
    itemId: 900_000_001 + index,
    name,
    sku: index % 3 === 0 ? '' : `${sku}-0`,
    level,
    weightKg,
    models: models.map((model, position) => ({
      // An item without variations has model 0, as in Shopee's own bodies.
      modelId: model === '' ? 0 : 910_000_001 + index * 10 + position,
      name: model,
      sku: model === '' ? '' : `${sku}-${model.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '-')}`,
    })),
  };
}

/** What buyers write; among it what a sheet or a chat could take for a formula or for markup. */
export const messages: readonly string[] = [
  'Please deliver after 6 pm, thank you!',
  'Gift – no invoice in the parcel please 🎁',
  '=HYPERLINK("https://example.com","click")',
  'size <M> & color "black"; call 0x before 5pm',
  '+65 8000 0000 is my new number',
  'Xin hãy gói cẩn thận giúp mình nhé',
  'first line\nsecond line\n*bold* _not italic_ [link](https://example.com)',
];

/** Reasons that buyers and sellers give when they cancel. */
export const cancelReasons: readonly string[] = [
  'Need to change delivery address',
  'Modify existing order (color, size, voucher etc)',
  'Seller is not responsive to my inquiries',
  "Don't want to buy anymore",
  'Out of stock',
];
