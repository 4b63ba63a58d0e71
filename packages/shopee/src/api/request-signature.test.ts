import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sampleText } from '../../test/samples.ts';
import { signRequest } from './request-signature.ts';

const vector = z.object({ type: z.string(), key: z.string(), base_string: z.string(), expected_hex: z.string() });
const { computed_here: vectors } = z
  .object({ computed_here: z.array(vector) })
  .parse(JSON.parse(sampleText('sign-vectors.json')));

describe('signRequest', () => {
  test.each(vectors)('$type', ({ type, key, base_string: base, expected_hex: expected }) => {
    const [kind, path = ''] = [type.split(' ')[0], type.split(' ').at(-1)];
    const subject = {
      ...(kind !== 'public' && { accessToken: '00112233445566778899aabbccddeeff' }),
      ...(kind === 'shop' && { subjectId: '700000001' }),
      ...(kind === 'merchant' && { subjectId: '800001' }),
    };
    expect(signRequest(key, { partnerId: '1000001', path, timestamp: 1_788_220_800, ...subject })).toBe(expected);
    expect(createHmac('sha256', key).update(base).digest('hex')).toBe(expected);
  });

  test('the parts are joined as guide 16 prints them', () => {
    const parts = { partnerId: '2001887', path: '/api/v2/shop/get_shop_info', timestamp: 1_655_714_431 };
    const printed = '2001887/api/v2/shop/get_shop_info165571443159777174636562737266615546704c6d14701711';
    const expected = createHmac('sha256', 'k').update(printed).digest('hex');
    expect(signRequest('k', { ...parts, accessToken: '59777174636562737266615546704c6d', subjectId: '14701711' })).toBe(
      expected,
    );
  });
});
