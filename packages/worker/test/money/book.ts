import type { BookOrder, BookTransaction } from '../../src/money/book.ts';

/** A completed order of a Singaporean shop, paid out in full. */
export function bookOrder(change: Partial<BookOrder> = {}): BookOrder {
  return {
    shopId: '7',
    shop: 'Shop',
    orderSn: '261101AAAAAAAA',
    status: 'COMPLETED',
    region: 'SG',
    currency: 'SGD',
    createdAt: 1_793_000_000,
    updatedAt: 1_793_900_000,
    releasedAt: 1_793_990_000,
    escrowAmount: 5,
    adjustments: 0,
    finalAmount: 5,
    paidOut: 5,
    unexplained: 0,
    amounts: {},
    ...change,
  };
}

/** A transaction that releases the escrow of that order. */
export function bookTransaction(change: Partial<BookTransaction> = {}): BookTransaction {
  return {
    shopId: '7',
    id: '7:222000000000000001',
    at: 1_793_990_000,
    kind: 'order income',
    type: 'ESCROW_VERIFIED_ADD',
    status: 'COMPLETED',
    currency: 'SGD',
    amount: 5,
    balance: undefined,
    gap: undefined,
    orderSn: '261101AAAAAAAA',
    returnSn: '',
    withdrawalId: '',
    description: '',
    ...change,
  };
}
