import { badRequest } from './bot-error.ts';

/** A file that came in a multipart request. */
export interface Upload {
  name: string;
  bytes: Buffer;
}

/** The parameters of one call, whether they came as JSON, as a form, as multipart or in the query. */
export class Params {
  readonly #values: Record<string, unknown>;
  readonly uploads: Map<string, Upload>;

  constructor(values: Record<string, unknown>, uploads: Map<string, Upload> = new Map()) {
    this.#values = values;
    this.uploads = uploads;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined || value === null) return undefined;
    return wellFormed(typeof value === 'string' ? value : JSON.stringify(value));
  }

  /** An integer; forms carry them as text. Absent and unreadable values are the default, as in the real server. */
  integer(name: string): number | undefined {
    const text = this.text(name);
    return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
  }

  flag(name: string): boolean {
    return /^(true|1|yes)$/i.test(this.text(name) ?? '');
  }

  /** An object or array, given as such or as JSON text. */
  json(name: string): unknown {
    const value = this.#values[name];
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value);
    } catch (cause) {
      throw new Error(`can't parse ${name} JSON object`, { cause });
    }
  }
}

/** Half a surrogate pair is no UTF-8. */
function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw badRequest('strings must be encoded in UTF-8');
  return text;
}

/** An inline keyboard's button as far as this fake knows it. */
export interface Button {
  text: string;
  callback_data?: string;
  url?: string;
}

/** Telegram's own limit. */
const maxButtons = 100;

/** The inline keyboard of `reply_markup`; rejects what the server rejects (callback_data over 64 bytes, no action). */
export function keyboardOf(params: Params): Button[][] | undefined {
  const markup = params.json('reply_markup');
  if (typeof markup !== 'object' || markup === null) return undefined;
  const rows = (markup as { inline_keyboard?: Button[][] }).inline_keyboard ?? [];
  if (rows.flat().length > maxButtons) throw badRequest('reply markup is too long');
  for (const button of rows.flat()) {
    if (typeof button.text !== 'string' || button.text === '') throw badRequest('text buttons are unallowed');
    wellFormed(button.text + (button.callback_data ?? ''));
    if (button.url !== undefined && !/^(?:tg:|https?:\/\/[^/?#]+\.[^/?#]{2,})/i.test(button.url)) {
      throw badRequest(`inline keyboard button URL '${button.url}' is invalid: Wrong HTTP URL`);
    }
    const bytes = Buffer.byteLength(button.callback_data ?? '');
    if (button.callback_data !== undefined && (bytes < 1 || bytes > 64)) throw badRequest('BUTTON_DATA_INVALID');
    if (button.callback_data === undefined && button.url === undefined) {
      throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
    }
  }
  return rows.length === 0 ? undefined : rows;
}
