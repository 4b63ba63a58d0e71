import type { Logger } from '@shopee-webhook/runtime';
import type { Api } from 'grammy';
import { classifySendError } from './send-error.ts';

/** Telegram's topic icons, loaded once; without them topics have only a color. */
export class TopicIcons {
  readonly #api: Api;
  readonly #logger: Logger;
  #ids: Map<string, string> | undefined;

  constructor(deps: { api: Api; logger: Logger }) {
    this.#api = deps.api;
    this.#logger = deps.logger;
  }

  /** The icon's id; undefined when Telegram has none for this emoji. */
  async find(emoji: string): Promise<string | undefined> {
    this.#ids ??= await this.#load();
    return this.#ids?.get(stripVariationSelector(emoji));
  }

  /** Telegram rejected one: stop using them. */
  disable(): void {
    this.#ids = new Map();
  }

  async #load(): Promise<Map<string, string> | undefined> {
    try {
      const stickers = await this.#api.getForumTopicIconStickers();
      return new Map(
        stickers.map(({ emoji = '', custom_emoji_id = '' }) => [stripVariationSelector(emoji), custom_emoji_id]),
      );
    } catch (error) {
      this.#logger.warn({ reason: classifySendError(error).reason }, 'could not load topic icons');
      return undefined;
    }
  }
}

/** Emoji with and without the variation selector are the same icon. */
function stripVariationSelector(emoji: string): string {
  return emoji.replaceAll('\ufe0f', '');
}
