import { describe, expect, it } from 'vitest';
import { formattedText, renderHtml } from './formatted-text.ts';
import { parseHtml } from './html-parser.ts';

const rejection = (html: string): string => {
  try {
    parseHtml(html);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'accepted';
};

describe('parseHtml', () => {
  it('gives text and entities with UTF-16 offsets', () => {
    expect(parseHtml('👋 <b>a &lt;b&gt; <i>c</i></b> <a href="https://x.test/?a=1&amp;b=2">link</a>')).toEqual({
      text: '👋 a <b> c link',
      entities: [
        { type: 'bold', offset: 3, length: 7 },
        { type: 'italic', offset: 9, length: 1 },
        { type: 'text_link', offset: 11, length: 4, url: 'https://x.test/?a=1&b=2' },
      ],
    });
  });

  it('keeps a lone ampersand and unknown entities as they are', () => {
    expect(parseHtml('a & b &nbsp; &copy; &#65;&#x42; &lt').text).toBe('a & b &nbsp; &copy; AB <');
  });

  it.each([
    ['Ann <3 you', `can't parse entities: Unsupported start tag "3" at byte offset 4`],
    ['<script>x</script>', `can't parse entities: Unsupported start tag "script" at byte offset 0`],
    ['<b>x', `can't parse entities: Can't find end tag corresponding to start tag "b"`],
    ['x</b>', `can't parse entities: Unexpected end tag at byte offset 1`],
    ['<b><i>x</b></i>', `can't parse entities: Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`],
    ['é<b', `can't parse entities: Unclosed start tag at byte offset 2`],
    ['<span>x</span>', `can't parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0`],
    ['<a href=x_y>z</a>', `can't parse entities: Unexpected end of name token at byte offset 8`],
  ])('rejects %s', (html, message) => {
    expect(rejection(html)).toBe(`Bad Request: ${message}`);
  });
});

describe('formattedText', () => {
  it('counts code points after parsing, not tags and not UTF-16 units', () => {
    expect(formattedText(`<b>${'😀'.repeat(4096)}</b>`, 'HTML', 4096, 'message').text).toHaveLength(8192);
    expect(() => formattedText('x'.repeat(4097), 'HTML', 4096, 'message')).toThrow('Bad Request: message is too long');
    expect(() => formattedText('€'.repeat(10_923), undefined, 4096, 'message')).toThrow('Text is too long'.slice(1));
  });

  it('trims white space and moves the entities with it', () => {
    expect(formattedText('  <b>a</b>\n', 'HTML', 4096, 'message')).toEqual({
      text: 'a',
      entities: [{ type: 'bold', offset: 0, length: 1 }],
    });
  });
});

describe('renderHtml', () => {
  it('escapes the text and nests the tags', () => {
    expect(renderHtml(parseHtml('<b>a&lt;<i>b</i></b>&amp;'))).toBe('<b>a&lt;<i>b</i></b>&amp;');
  });
});
