/** What differs between Shopee's markets, as far as orders show it. */
export interface Region {
  code: string;
  currency: string;
  /** Digits after the decimal point: 0 in VND. */
  decimals: number;
  /** Prices are multiples of this many minor units. */
  step: number;
  /** IANA zone of the market. */
  timeZone: string;
  /** One unit price for small goods, in minor units, from and to. */
  prices: readonly [number, number];
  /** What a parcel costs, in minor units. */
  shipping: readonly [number, number];
  carriers: readonly { name: string; channelId: number; prefix: string }[];
  payments: readonly string[];
  /** Share of orders paid at the door. */
  codShare: number;
  /** Parts of the sum, in ten-thousandths. */
  commission: number;
  service: number;
  transaction: number;
  names: readonly string[];
  streets: readonly string[];
  cities: readonly { city: string; state: string; zipcode: string }[];
  phone: string;
}

/** The markets the fake knows. Fee rates and carriers are generated, of the usual size. */
export const regions: Record<string, Region> = {
  SG: {
    code: 'SG',
    currency: 'SGD',
    decimals: 2,
    step: 1,
    timeZone: 'Asia/Singapore',
    prices: [190, 8900],
    shipping: [149, 399],
    carriers: [
      { name: 'Standard Express', channelId: 11006, prefix: 'SPXSG' },
      { name: 'Ninja Van', channelId: 11007, prefix: 'NVSG' },
    ],
    payments: ['Apple Pay', 'Credit/Debit Card', 'PayNow', 'ShopeePay'],
    codShare: 0,
    commission: 218,
    service: 300,
    transaction: 218,
    names: ['Tan Wei Ling', 'Muhammad Hafiz', 'Priya Nair', 'Lim Jun Jie', "Siobhan O'Brien", 'Chen <Alan> & Co'],
    streets: ['Blk 123 Ang Mo Kio Ave 4 #08-112', '1 Example Road', '77 Toa Payoh Lorong 2 #11-05'],
    cities: [{ city: 'Singapore', state: '', zipcode: '560123' }],
    phone: '65',
  },
  MY: {
    code: 'MY',
    currency: 'MYR',
    decimals: 2,
    step: 1,
    timeZone: 'Asia/Kuala_Lumpur',
    prices: [390, 19_900],
    shipping: [490, 990],
    carriers: [
      { name: 'SPX Express', channelId: 28_050, prefix: 'SPXMY' },
      { name: 'J&T Express', channelId: 28_016, prefix: '6300' },
    ],
    payments: ['Online Banking', 'ShopeePay', 'SPayLater', 'Credit/Debit Card'],
    codShare: 0.15,
    commission: 560,
    service: 324,
    transaction: 212,
    names: ['Nur Aisyah binti Rahman', 'Lee Chee Keong', 'Siva Kumar A/L Raju', 'Wong Mei Yee', '黄美怡'],
    streets: ['No. 12, Jalan SS2/24', 'A-3-07, Pangsapuri Contoh, Jalan Contoh 5', 'Lot 88, Kampung Contoh'],
    cities: [
      { city: 'Petaling Jaya', state: 'Selangor', zipcode: '47300' },
      { city: 'George Town', state: 'Pulau Pinang', zipcode: '10200' },
    ],
    phone: '60',
  },
  VN: {
    code: 'VN',
    currency: 'VND',
    decimals: 0,
    step: 100,
    timeZone: 'Asia/Ho_Chi_Minh',
    prices: [15_000, 890_000],
    shipping: [12_000, 38_000],
    carriers: [
      { name: 'SPX Express', channelId: 50_021, prefix: 'SPXVN' },
      { name: 'Giao Hàng Nhanh', channelId: 50_011, prefix: 'GHN' },
    ],
    payments: ['ShopeePay', 'Credit/Debit Card', 'SPayLater'],
    codShare: 0.5,
    commission: 400,
    service: 250,
    transaction: 491,
    names: ['Nguyễn Thị Hồng Nhung', 'Trần Văn Đức', 'Phạm Minh Quân', 'Lê Thị Ánh Tuyết'],
    streets: ['Số 5, ngõ 12 phố Ví Dụ', '88/3 đường Ví Dụ', 'Tầng 4, 10 Ví Dụ'],
    cities: [
      { city: 'Quận Đống Đa', state: 'Hà Nội', zipcode: '' },
      { city: 'Quận 3', state: 'TP. Hồ Chí Minh', zipcode: '' },
    ],
    phone: '84',
  },
  BR: {
    code: 'BR',
    currency: 'BRL',
    decimals: 2,
    step: 1,
    timeZone: 'America/Sao_Paulo',
    prices: [990, 24_900],
    shipping: [690, 2990],
    carriers: [
      { name: 'Shopee Xpress', channelId: 90_016, prefix: 'BR' },
      { name: 'Correios', channelId: 90_033, prefix: 'AA' },
    ],
    payments: ['Pix', 'Cartão de Crédito', 'Boleto Bancário'],
    codShare: 0,
    commission: 1400,
    service: 600,
    transaction: 0,
    names: ['João Pedro da Conceição', 'Ana Beatriz Gonçalves', 'Luís Araújo', 'Márcia Simões'],
    streets: ['Rua do Exemplo, 100, apto 12', 'Avenida Modelo, 2500', 'Travessa Fictícia, 7'],
    cities: [
      { city: 'São Paulo', state: 'São Paulo', zipcode: '01000-000' },
      { city: 'Belo Horizonte', state: 'Minas Gerais', zipcode: '30000-000' },
    ],
    phone: '55',
  },
  TH: {
    code: 'TH',
    currency: 'THB',
    decimals: 2,
    step: 1,
    timeZone: 'Asia/Bangkok',
    prices: [1900, 159_000],
    shipping: [2500, 6000],
    carriers: [
      { name: 'SPX Express', channelId: 70_021, prefix: 'TH' },
      { name: 'Flash Express', channelId: 70_022, prefix: 'TFX' },
    ],
    payments: ['Mobile Banking', 'ShopeePay', 'SPayLater'],
    codShare: 0.35,
    commission: 642,
    service: 535,
    transaction: 321,
    names: ['สมชาย ใจดี', 'กนกวรรณ ศรีสุข', 'ณัฐพล วงศ์ใหญ่'],
    streets: ['99/9 ถนนตัวอย่าง', '12 ซอยตัวอย่าง 3'],
    cities: [{ city: 'เขตปทุมวัน', state: 'กรุงเทพมหานคร', zipcode: '10330' }],
    phone: '66',
  },
  ID: {
    code: 'ID',
    currency: 'IDR',
    decimals: 0,
    step: 100,
    timeZone: 'Asia/Jakarta',
    prices: [15_000, 890_000],
    shipping: [8000, 30_000],
    carriers: [
      { name: 'SPX Standard', channelId: 80_003, prefix: 'SPXID' },
      { name: 'JNE Reguler', channelId: 80_004, prefix: 'JNE' },
    ],
    payments: ['ShopeePay', 'SPayLater', 'Kartu Kredit/Debit', 'Transfer Bank'],
    codShare: 0.3,
    commission: 650,
    service: 550,
    transaction: 0,
    names: ['Siti Nurhaliza', 'Budi Santoso', 'Ni Made Ayu Lestari', 'Yohanes Pranoto'],
    streets: ['Jl. Contoh No. 5, RT 3/RW 7', 'Perumahan Contoh Blok C/12', 'Gang Contoh II No. 88'],
    cities: [
      { city: 'KOTA BANDUNG', state: 'JAWA BARAT', zipcode: '40111' },
      { city: 'KOTA SURABAYA', state: 'JAWA TIMUR', zipcode: '60111' },
    ],
    phone: '62',
  },
  PH: {
    code: 'PH',
    currency: 'PHP',
    decimals: 2,
    step: 1,
    timeZone: 'Asia/Manila',
    prices: [2900, 249_000],
    shipping: [3800, 12_000],
    carriers: [
      { name: 'SPX Express', channelId: 40_021, prefix: 'SPEPH' },
      { name: 'J&T Express', channelId: 40_014, prefix: '9100' },
    ],
    payments: ['GCash', 'ShopeePay', 'SPayLater', 'Credit/Debit Card'],
    codShare: 0.5,
    commission: 600,
    service: 560,
    transaction: 224,
    names: ['Maria Cristina Reyes', 'Jose Dela Cruz Jr.', 'Angelica Ñino Santos'],
    streets: ['123 Halimbawa St., Brgy. 7', 'Unit 4B, Sample Tower'],
    cities: [
      { city: 'Quezon City', state: 'Metro Manila', zipcode: '1100' },
      { city: 'Cebu City', state: 'Cebu', zipcode: '6000' },
    ],
    phone: '63',
  },
  TW: {
    code: 'TW',
    currency: 'TWD',
    decimals: 0,
    step: 1,
    timeZone: 'Asia/Taipei',
    prices: [100, 5900],
    shipping: [45, 120],
    carriers: [
      { name: '7-ELEVEN', channelId: 30_005, prefix: 'TW7' },
      { name: '蝦皮店到店', channelId: 30_014, prefix: 'TWSP' },
    ],
    payments: ['信用卡/VISA金融卡', '蝦皮錢包'],
    codShare: 0.4,
    commission: 550,
    service: 600,
    transaction: 200,
    names: ['陳怡君', '林志明', '王小美'],
    streets: ['範例路一段 12 號', '示範街 88 巷 3 號 5 樓'],
    cities: [{ city: '台北市', state: '', zipcode: '100' }],
    phone: '886',
  },
};

/** The market of that code; throws for one that the fake does not know. */
export function regionOf(code: string): Region {
  const region = regions[code];
  if (region === undefined) throw new Error(`the fake has no region ${code}`);
  return region;
}

/** Minor units (cents) as the number that Shopee's bodies show: 3199 → 31.99. */
export function toAmount(minor: number, decimals: number): number {
  return minor / 10 ** decimals;
}
