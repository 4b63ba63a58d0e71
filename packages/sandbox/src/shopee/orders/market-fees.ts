import type { ShopMarket } from './shop-market.ts';

/** What one market charges beside commission, service and transaction fee: amounts in minor units, rates in ten-thousandths. */
export interface MarketFees {
  /** The price of the protection against failed and returned parcels; posted days after the completion. */
  protection: number;
  /** Insurance of the parcel, from the pick-up on. */
  deliveryPremium: number;
  /** The premium that only the page of the batch call names. */
  returnPremium: number;
  processing: number;
  warehouse: number;
  overseasReturn: number;
  packaging: number;
  buyerService: number;
  deposit: number;
  campaignRate: number;
  adsRate: number;
  /** Part of the orders of which the ads' top-up (or the technical support fee) is taken. */
  adsShare: number;
  /** A tax on the shipping that the seller pays. */
  shippingTaxRate: number;
  /** Who is insured gets back what the failed delivery, or the return, cost. */
  claimsDelivery: boolean;
  claimsReturn: boolean;
  /** Taxes of the seller, on what the goods bring. */
  taxRates: Readonly<Record<string, number>>;
  /** Taxes on imported goods and on the buyer. */
  importRates: Readonly<Record<string, number>>;
}

const none: MarketFees = {
  protection: 0,
  deliveryPremium: 0,
  returnPremium: 0,
  processing: 0,
  warehouse: 0,
  overseasReturn: 0,
  packaging: 100,
  buyerService: 0,
  deposit: 0,
  campaignRate: 0,
  adsRate: 0,
  adsShare: 0,
  shippingTaxRate: 0,
  claimsDelivery: false,
  claimsReturn: false,
  taxRates: {},
  importRates: {},
};

// Which fee is charged where: Shopee's pages of the escrow calls (2026-08-18). Rates are of the usual size, no more.
const local: Record<string, Partial<MarketFees>> = {
  SG: { adsRate: 100, adsShare: 0.3, deposit: 10 },
  MY: { protection: 30, claimsReturn: true, adsRate: 200, adsShare: 0.4, shippingTaxRate: 600 },
  VN: { processing: 3000, packaging: 2000, adsRate: 100, adsShare: 0.2 },
  TH: { adsRate: 100, adsShare: 0.3, packaging: 500 },
  ID: {
    protection: 350,
    deliveryPremium: 500,
    claimsReturn: true,
    processing: 1250,
    packaging: 1000,
    buyerService: 2000,
    campaignRate: 200,
    adsRate: 100,
    adsShare: 0.3,
    taxRates: { withholding_tax: 50 },
  },
  PH: {
    protection: 500,
    returnPremium: 300,
    claimsDelivery: true,
    claimsReturn: true,
    warehouse: 2500,
    adsRate: 200,
    adsShare: 0.3,
    packaging: 500,
    taxRates: { withholding_tax: 50 },
  },
  BR: { protection: 49, adsRate: 200, adsShare: 0.95 },
  TW: { packaging: 10 },
};

const imported: Record<string, Partial<MarketFees>> = {
  SG: { adsRate: 200, adsShare: 0.3, importRates: { final_escrow_product_gst: 900 } },
  MY: { adsRate: 200, adsShare: 0.3, importRates: { sales_tax_on_lvg: 1000 } },
  VN: { adsRate: 200, adsShare: 0.3, importRates: { vat_on_imported_goods: 800 } },
  TH: { adsRate: 200, adsShare: 0.3, importRates: { vat_on_imported_goods: 700, th_import_duty: 1000 } },
  ID: { taxRates: { escrow_tax: 750 }, importRates: { cross_border_tax: 1100 } },
  PH: { adsRate: 200, adsShare: 0.3 },
  BR: { importRates: { cross_border_tax: 2000 } },
  TW: { importRates: { cross_border_tax: 500 } },
};

/** The fees of a shop of that kind in that market. */
export function feesOf({ region, kind, isCompany }: ShopMarket): MarketFees {
  if (kind === 'sip-affiliate') return none;
  if (kind === 'cross-border')
    return { ...none, overseasReturn: Math.floor(region.shipping[0] / 10), ...imported[region.code] };
  const vietnam = isCompany ? { withholding_cit_tax: 100 } : { withholding_vat_tax: 100, withholding_pit_tax: 50 };
  return { ...none, ...(region.code === 'VN' ? { taxRates: vietnam } : {}), ...local[region.code] };
}
