import { describe, expect, test } from 'vitest';
import { sampleNames } from '../../test/samples.ts';
import { eventTypes, getEventType } from './event-types.ts';

describe('the event codes', () => {
  test('are every documented code, once', () => {
    const documented = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 18, 19, 20, 21, 22, 23, 24, 25, 27, 28];
    expect(eventTypes.map(({ code }) => code)).toEqual([...documented, 29, 30, 31, 33, 34, 35, 36, 37, 38, 47]);
  });

  test('have a title for people, short enough for a chat topic, of their own', () => {
    for (const { title, emoji } of eventTypes) {
      expect(title.length).toBeLessThan(40);
      expect(emoji).toMatch(/\p{Emoji}/u);
    }
    expect(new Set(eventTypes.map(({ title }) => title)).size).toBe(eventTypes.length);
  });

  test('cover every sample', () => {
    for (const name of sampleNames('push')) expect(getEventType(Number(name.slice(0, 2))).name).not.toMatch(/^code_/);
  });

  test('a shop that is cut off is urgent, an order that moves on is not', () => {
    expect(eventTypes.filter(({ urgent }) => urgent).map(({ code }) => code)).toEqual([
      2, 6, 12, 16, 27, 28, 29, 33, 34, 35,
    ]);
    expect(getEventType(3)).toEqual({
      code: 3,
      name: 'order_status_push',
      title: 'Order status',
      emoji: '📦',
      urgent: false,
    });
  });

  test('a code that is not documented yet has a plain entry', () => {
    expect(getEventType(99)).toEqual({ code: 99, name: 'code_99', title: 'Event 99', emoji: '📨', urgent: false });
  });
});
