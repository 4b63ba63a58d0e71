/**
 * What a request to the API can be made to meet. `on` matches `read`/`write`, the method (`values.batchUpdate`) and the path.
 * - `503-applied`, `reset-after-apply`: carried out, but the caller does not learn it
 * - `503-not-applied`, `reset-before-apply`, `html-408`, `500`, `429`, `401`, `403`: not carried out
 * - `hang`: never answered, not carried out; `hang-then-applied-late`: never answered, carried out after `ms` (5,000)
 * - `slow`: answered `ms` later
 */
export const apiFaults = [
  '429',
  '503-applied',
  '503-not-applied',
  'reset-after-apply',
  'reset-before-apply',
  'hang',
  'hang-then-applied-late',
  'html-408',
  '500',
  '401',
  '403',
  'api-disabled',
  'slow',
] as const;

export type ApiFault = (typeof apiFaults)[number];

/** What a request to the token endpoint can be made to meet. `invalid-grant` is what a deleted or disabled account gets. */
export const tokenFaults = ['invalid-grant', '500', '503', 'html-502', 'hang', 'reset', 'slow'] as const;

export type TokenFault = (typeof tokenFaults)[number];

/** Google's page for an error that its front end answers. */
export function htmlError(code: number, title: string): string {
  return (
    `<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error ${code} (${title})!!1</title>\n` +
    `  <p><b>${code}.</b> <ins>That’s an error.</ins>\n  <p>Your client has taken too long to issue its request.  <ins>That’s all we know.</ins>\n`
  );
}
