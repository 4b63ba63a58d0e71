/** A rejection in the Bot API's own form; `description` carries its prefix ("Bad Request: …"). */
export class BotError extends Error {
  override name = 'BotError';
  readonly code: number;
  readonly parameters: Record<string, number> | undefined;

  constructor(code: number, description: string, parameters?: Record<string, number>) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

/** A 400 with the server's prefix; the first letter is lower-cased unless the text is an UPPER_CASE code. */
export function badRequest(text: string, parameters?: Record<string, number>): BotError {
  const described = /^[A-Z_]+$/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
  return new BotError(400, `Bad Request: ${described}`, parameters);
}

/** A 403, which the server sends when the bot may no longer see the chat. */
export function forbidden(text: string): BotError {
  return new BotError(403, `Forbidden: ${text}`);
}

/** A 429 with the seconds to wait, which go into the body and into the `Retry-After` header. */
export function tooManyRequests(seconds: number): BotError {
  return new BotError(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
}
