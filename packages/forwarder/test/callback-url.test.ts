import { afterEach, describe, expect, inject as provided, test, vi } from 'vitest';
import { environment, inject, orderPush, runForwarder, sign, type TestForwarder } from './helpers.ts';

let parts: TestForwarder | undefined;
afterEach(async () => {
  await parts?.forwarder.stop();
});

const lineOf = (running: TestForwarder) => running.log.lines.filter(({ msg }) => msg === 'push signature matched');

describe('without WEBHOOK_URL', () => {
  test.each([
    ['https://shop.example/webhook/shopee', { host: 'shop.example' }],
    ['http://shop.example:8000/webhook/shopee', { host: 'shop.example:8000' }],
    [
      'https://shop.example/webhook/shopee',
      { host: 'forwarder:8000', 'x-forwarded-host': 'shop.example', 'x-forwarded-proto': 'https' },
    ],
    [
      'https://shop.example/webhook/shopee',
      { host: 'forwarder:8000', forwarded: 'for=1.2.3.4;host="shop.example";proto=https' },
    ],
    ['https://shop.example/shop/webhook/shopee', { host: 'shop.example', 'x-forwarded-prefix': '/shop' }],
  ])('a push signed for %s is found from %o', async (url, headers) => {
    parts = await runForwarder(environment(provided('redisPort'), { WEBHOOK_URL: '' }));
    for (const sn of ['A', 'B']) {
      const body = orderPush(sn);
      const response = await inject(parts.forwarder, body, { ...headers, authorization: sign(body, { url }) });
      expect(response.statusCode).toBe(200);
    }
    // Said once, with what to set.
    expect(lineOf(parts).map((line) => line['url'])).toEqual([url]);
  });

  test('a query string is part of what is signed', async () => {
    parts = await runForwarder(environment(provided('redisPort'), { WEBHOOK_URL: '' }));
    const body = orderPush('Q');
    const authorization = sign(body, { url: 'https://shop.example/webhook/shopee?a=1' });
    const headers = { host: 'shop.example', authorization };
    const response = await parts.forwarder.app.inject({
      method: 'POST',
      url: '/webhook/shopee?a=1',
      headers,
      payload: body,
    });
    expect(response.statusCode).toBe(200);
  });

  test('a push signed for another host is rejected', async () => {
    parts = await runForwarder(environment(provided('redisPort'), { WEBHOOK_URL: '' }));
    const body = orderPush('X');
    const headers = { host: 'shop.example', authorization: sign(body, { url: 'https://evil.example/webhook/shopee' }) };
    expect((await inject(parts.forwarder, body, headers)).statusCode).toBe(401);
  });
});

describe('with WEBHOOK_URL', () => {
  test('a push signed for the address of the request is rejected, and the log says what would match', async () => {
    parts = await runForwarder(
      environment(provided('redisPort'), { WEBHOOK_URL: 'https://shop.example/webhook/shopee/' }),
    );
    const body = orderPush('HINT');
    const url = 'https://shop.example/webhook/shopee';
    const response = await inject(parts.forwarder, body, { host: 'shop.example', authorization: sign(body, { url }) });
    expect(response.statusCode).toBe(401);
    const { lines } = parts.log;
    const hint = `signed for ${url} with WEBHOOK_PARTNER_KEY number 1: set WEBHOOK_URL to exactly that`;
    // Logged after the response.
    await vi.waitFor(() => expect(lines.find(({ outcome }) => outcome === 'unauthorized')?.['hint']).toBe(hint));
  });
});
