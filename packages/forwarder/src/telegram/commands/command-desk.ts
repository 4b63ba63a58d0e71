import type { Logger } from '@shopee-webhook/runtime';
import type { Api } from 'grammy';
import type { CallbackQuery, Message, Update } from 'grammy/types';
import type { Admins } from './admins.ts';
import { answerCommand, type CommandParts } from './commands.ts';
import { textParts } from '../format/render.ts';
import type { Notice, Part } from '../waiting.ts';

export interface CommandDeskParts extends CommandParts {
  api: Api;
  admins: Admins;
  /** The configured chat that this is; undefined for strangers'. */
  chatOf: (chat: { id: number; username?: string | undefined }) => string | undefined;
  /** Says something in that chat, within its limits. */
  say: (chat: string, notice: Notice) => Promise<void>;
  logger: Logger;
}

/** Takes what people of our groups write or press; only administrators are answered. */
export class CommandDesk {
  readonly #parts: CommandDeskParts;
  #botName: string | undefined;

  constructor(parts: CommandDeskParts) {
    this.#parts = parts;
  }

  async handle(update: Update): Promise<void> {
    if (update.message !== undefined) await this.#command(update.message);
    if (update.callback_query !== undefined) await this.#button(update.callback_query);
  }

  async #command(message: Message): Promise<void> {
    const [, name = '', bot, argument = ''] =
      /^\/([a-z_]+)(?:@(\w+))?(?:\s+([\s\S]*))?$/i.exec(message.text ?? '') ?? [];
    const chat = this.#parts.chatOf(message.chat);
    if (name === '' || chat === undefined || !(await this.#isForUs(bot))) return;
    const { admins, logger } = this.#parts;
    const from = { userId: message.from?.id ?? 0, senderChatId: message.sender_chat?.id };
    // No answer: whoever may not command must not be able to spend the group's 20 messages a minute.
    if (!(await admins.isAdmin(message.chat.id, from))) return;
    const lines = await this.#answer(name.toLowerCase(), argument.trim());
    if (lines === undefined) return;
    logger.info({ command: name }, 'telegram command');
    await this.#parts.say(chat, noticeOf(message, lines));
  }

  async #answer(name: string, argument: string): Promise<string[] | undefined> {
    try {
      return await answerCommand(name, argument, this.#parts);
    } catch (err) {
      this.#parts.logger.error({ err, command: name }, 'telegram command failed');
      return ['That did not work: see the log.'];
    }
  }

  async #button(query: CallbackQuery): Promise<void> {
    const { api, admins, chatOf } = this.#parts;
    const { message, from, data = '' } = query;
    const chat = message === undefined ? undefined : chatOf(message.chat);
    if (message === undefined || chat === undefined) return;
    const isAdmin = await admins.isAdmin(message.chat.id, { userId: from.id });
    const done = isAdmin ? await this.#press(data, from.first_name) : undefined;
    const text = isAdmin ? (done?.answer ?? 'Done already.') : 'Only administrators of this group may do this.';
    // Free of the limits, and the app waits for it.
    await api.answerCallbackQuery(query.id, { text });
    if (done === undefined) return;
    const buttons = [[{ text: `✔ ${done.label} · ${from.first_name}`.slice(0, 60), data: 'done' }]];
    const part: Part = { kind: 'keyboard', html: '', messageId: message.message_id };
    await this.#parts.say(chat, { title: done.label, parts: [part], buttons });
  }

  /** Does what a button says; undefined when there is nothing to do. */
  async #press(data: string, who: string): Promise<{ answer: string; label: string } | undefined> {
    const [action = '', ...rest] = data.split(':');
    const argument = rest.join(':');
    this.#parts.logger.info({ action }, 'telegram button');
    switch (action) {
      case 'mute': {
        const [event = '', hours = '1'] = rest;
        await this.#parts.mutes.mute(Number(event), Number(hours));
        return { answer: `Code ${event} is mute for ${hours} h.`, label: `Mute ${hours} h` };
      }
      case 'replay': {
        const count = await this.#parts.sources.replay(argument);
        return { answer: `${count} put back into the line.`, label: `Replayed ${count}` };
      }
      case 'ack':
        return { answer: `Thank you, ${who}.`.slice(0, 200), label: 'Acknowledged' };
      default:
        return undefined;
    }
  }

  /** Commands may name the bot they are for: /status@other_bot. */
  async #isForUs(bot: string | undefined): Promise<boolean> {
    if (bot === undefined) return true;
    this.#botName ??= (await this.#parts.api.getMe()).username;
    return bot.toLowerCase() === this.#botName.toLowerCase();
  }
}

/** The answer in the thread where it was asked. */
function noticeOf(message: Message, lines: string[]): Notice {
  const threadId = message.is_topic_message === true ? (message.message_thread_id ?? 'general') : 'general';
  const parts = textParts(lines, 'answer').map((part, index) =>
    index === 0 && part.kind === 'text' ? { ...part, replyTo: message.message_id } : part,
  );
  return { title: 'answer', parts, threadId };
}
