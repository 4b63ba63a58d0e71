import type { HttpServer } from '@shopee-webhook/runtime';
import { answersOf, type AnswerCounts } from '../../answer-counts.ts';
import { keyNameOf } from '../../key-name.ts';
import type { RefusedPushes } from '../../refused-pushes.ts';
import { RefusedList } from '../api-types.ts';

export interface RefusedRouteParts {
  refused: RefusedPushes;
  answers: AnswerCounts;
}

/** GET /api/refused: pushes that were turned away, and why. */
export async function refusedRoute(app: HttpServer, { refused, answers }: RefusedRouteParts): Promise<void> {
  const schema = { tags: ['dashboard'], summary: 'Pushes that were turned away', response: { 200: RefusedList } };
  app.get('/refused', { schema }, async () => ({
    total: refused.total,
    last6h: answersOf(answers.minutes()),
    refused: refused.list().map(({ keysTried, detail, userAgent, signatureStart, ...push }) => ({
      ...push,
      detail: detail ?? null,
      userAgent: userAgent ?? null,
      signatureStart: signatureStart ?? null,
      keysTried: Array.from({ length: keysTried }, (_, index) => keyNameOf(index, keysTried)),
    })),
  }));
}
