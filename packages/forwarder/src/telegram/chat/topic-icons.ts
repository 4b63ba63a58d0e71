import type { Logger } from '@shopee-webhook/runtime';
import type { Api } from 'grammy';
import { troubleOf } from './send-error.ts';

/** Telegram's own topic icons, asked for once; without them topics have only a colour. */
export class TopicIcons {
  readonly #api: Api;
  readonly #logger: Logger;
  #ids: Map<string, string> | undefined;

  constructor(parts: { api: Api; logger: Logger }) {
    this.#api = parts.api;
    this.#logger = parts.logger;
  }

  /** The icon's id; undefined when there is none of this emoji, or Telegram does not tell. */
  async idOf(emoji: string): Promise<string | undefined> {
    this.#ids ??= await this.#ask();
    return this.#ids?.get(bare(emoji));
  }

  /** Telegram refused one: none is used any more. */
  giveUp(): void {
    this.#ids = new Map();
  }

  async #ask(): Promise<Map<string, string> | undefined> {
    try {
      const stickers = await this.#api.getForumTopicIconStickers();
      return new Map(stickers.map(({ emoji = '', custom_emoji_id = '' }) => [bare(emoji), custom_emoji_id]));
    } catch (error) {
      this.#logger.warn({ why: troubleOf(error).why }, 'telegram gave no topic icons');
      return undefined;
    }
  }
}

/** Emoji with and without the variation selector are the same icon. */
function bare(emoji: string): string {
  return emoji.replaceAll('\ufe0f', '');
}
