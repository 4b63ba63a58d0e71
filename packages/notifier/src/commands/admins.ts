import type { Api } from 'grammy';
import type { Clock } from '../time/clock.ts';
import { classifySendError } from '../chat/send-error.ts';

const cacheTtlMs = 60_000;

/** Who may give commands: the administrators of the group, asked for at most once a minute. */
export class Admins {
  readonly #api: Api;
  readonly #clock: Clock;
  readonly #cached = new Map<number, { at: number; ids: Set<number> }>();

  constructor(deps: { api: Api; clock: Clock }) {
    this.#api = deps.api;
    this.#clock = deps.clock;
  }

  /**
   * Whether this person is an administrator of this chat. An anonymous one speaks as the group itself. In a private chat
   * the one person there is. When Telegram does not tell, nobody is.
   */
  async isAdmin(chatId: number, from: { userId: number; senderChatId?: number | undefined }): Promise<boolean> {
    if (chatId > 0) return from.userId === chatId;
    if (from.senderChatId === chatId) return true;
    return (await this.#load(chatId)).has(from.userId);
  }

  async #load(chatId: number): Promise<Set<number>> {
    const known = this.#cached.get(chatId);
    if (known !== undefined && this.#clock.now() - known.at < cacheTtlMs) return known.ids;
    try {
      const members = await this.#api.getChatAdministrators(chatId);
      const ids = new Set(members.map(({ user }) => user.id));
      this.#cached.set(chatId, { at: this.#clock.now(), ids });
      return ids;
    } catch (error) {
      // Throws what is none of Telegram's answers.
      classifySendError(error);
      return new Set();
    }
  }
}
