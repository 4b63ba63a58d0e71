import type { Clock } from '@shopee-webhook/runtime';
import type { Api } from 'grammy';
import { classifySendError } from '../chat/send-error.ts';

const cacheTtlMs = 60_000;

/** Who may run commands: the administrators of the group, loaded at most once a minute. */
export class Admins {
  readonly #api: Api;
  readonly #clock: Clock;
  readonly #cached = new Map<number, { at: number; ids: Set<number> }>();

  constructor(deps: { api: Api; clock: Clock }) {
    this.#api = deps.api;
    this.#clock = deps.clock;
  }

  /**
   * Whether this person is an administrator of this chat. Anonymous ones write as the group itself. In a private chat
   * the one person is. When Telegram fails, nobody is.
   */
  async isAdmin(chatId: number, from: { userId: number; senderChatId?: number | undefined }): Promise<boolean> {
    if (chatId > 0) return from.userId === chatId;
    if (from.senderChatId === chatId) return true;
    return (await this.#load(chatId)).has(from.userId);
  }

  async #load(chatId: number): Promise<Set<number>> {
    const known = this.#cached.get(chatId);
    if (known !== undefined && this.#clock.monotonicMs() - known.at < cacheTtlMs) return known.ids;
    try {
      const members = await this.#api.getChatAdministrators(chatId);
      const ids = new Set(members.map(({ user }) => user.id));
      this.#cached.set(chatId, { at: this.#clock.monotonicMs(), ids });
      return ids;
    } catch (error) {
      // Rethrows what is not from Telegram.
      classifySendError(error);
      return new Set();
    }
  }
}
