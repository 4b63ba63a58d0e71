import { describe, expect, test } from 'vitest';
import { candidateCallbackUrls } from './callback-urls.ts';

const path = '/webhook/shopee';

describe('callbackUrlsOf', () => {
  test('https comes first unless the proxy says http', () => {
    expect(candidateCallbackUrls({ path, headers: { host: 'a.example' } })).toEqual([
      `https://a.example${path}`,
      `http://a.example${path}`,
    ]);
    expect(candidateCallbackUrls({ path, headers: { host: 'a.example', 'x-forwarded-proto': 'http' } })[0]).toBe(
      `http://a.example${path}`,
    );
  });

  test('what the first proxy was asked for comes before what we were asked', () => {
    const urls = candidateCallbackUrls({
      path,
      headers: { host: 'inside:8000', 'x-forwarded-host': 'a.example, b.example', 'x-forwarded-proto': 'https,http' },
    });
    expect(urls[0]).toBe(`https://a.example${path}`);
    expect(urls).toContain(`http://inside:8000${path}`);
    expect(urls.some((url) => url.includes('b.example'))).toBe(false);
  });

  test('reads RFC 7239 and prefixes', () => {
    expect(
      candidateCallbackUrls({
        path,
        headers: { forwarded: 'for=1.1.1.1;host="a.example";proto=https, for=2.2.2.2' },
      })[0],
    ).toBe(`https://a.example${path}`);
    expect(candidateCallbackUrls({ path, headers: { host: 'a.example', 'x-forwarded-prefix': '/shop/' } })[0]).toBe(
      `https://a.example/shop${path}`,
    );
  });

  test('what is no host is no candidate, and there are never many', () => {
    expect(candidateCallbackUrls({ path, headers: { host: 'evil.example/path?' } })).toEqual([]);
    expect(candidateCallbackUrls({ path, headers: {} })).toEqual([]);
    const headers = { host: 'a', 'x-forwarded-host': 'b', forwarded: 'host=c', 'x-forwarded-prefix': '/p' };
    expect(candidateCallbackUrls({ path, headers }).length).toBeLessThanOrEqual(12);
  });
});
