import type { Logger } from '@shopee-webhook/runtime';
import type { Api } from 'grammy';
import type { CallbackQuery, Message, Update } from 'grammy/types';
import type { Admins } from './admins.ts';
import { runCommand, type CommandDeps } from './commands.ts';
import { truncate } from '../format/html.ts';
import { textParts } from '../format/render.ts';
import type { SystemMessage, MessagePart } from '../messages/outgoing.ts';

export interface CommandHandlerDeps extends CommandDeps {
  api: Api;
  admins: Admins;
  /** The configured chat; undefined for a stranger's. */
  findChat: (chat: { id: number; username?: string | undefined }) => string | undefined;
  /** Replies in that chat, within its limits. */
  reply: (chat: string, message: SystemMessage) => Promise<void>;
  logger: Logger;
}

/** Handles commands and buttons of our groups; only administrators get a reply. */
export class CommandHandler {
  readonly #deps: CommandHandlerDeps;
  #botName: string | undefined;

  constructor(deps: CommandHandlerDeps) {
    this.#deps = deps;
  }

  async handle(update: Update): Promise<void> {
    if (update.message !== undefined) await this.#onCommand(update.message);
    if (update.callback_query !== undefined) await this.#onButton(update.callback_query);
  }

  async #onCommand(message: Message): Promise<void> {
    const [, name = '', bot, argument = ''] =
      /^\/([a-z_]+)(?:@(\w+))?(?:\s+([\s\S]*))?$/i.exec(message.text ?? '') ?? [];
    const chat = this.#deps.findChat(message.chat);
    if (name === '' || chat === undefined || !(await this.#isAddressedToBot(bot))) return;
    const { admins, logger } = this.#deps;
    const from = { userId: message.from?.id ?? 0, senderChatId: message.sender_chat?.id };
    // No reply: others must not be able to spend the group's 20 messages a minute.
    if (!(await admins.isAdmin(message.chat.id, from))) return;
    const lines = await this.#runCommand(name.toLowerCase(), argument.trim());
    if (lines === undefined) return;
    logger.info({ command: name }, 'telegram command');
    await this.#deps.reply(chat, toReply(message, lines));
  }

  async #runCommand(name: string, argument: string): Promise<string[] | undefined> {
    try {
      return await runCommand(name, argument, this.#deps);
    } catch (err) {
      this.#deps.logger.error({ err, command: name }, 'telegram command failed');
      return ['Command failed: see the log.'];
    }
  }

  async #onButton(query: CallbackQuery): Promise<void> {
    const { api, admins, findChat } = this.#deps;
    const { message, from, data = '' } = query;
    const chat = message === undefined ? undefined : findChat(message.chat);
    if (message === undefined || chat === undefined) return;
    const isAdmin = await admins.isAdmin(message.chat.id, { userId: from.id });
    const done = isAdmin ? await this.#runAction(data, from.first_name) : undefined;
    const text = isAdmin ? (done?.reply ?? 'Already done.') : 'Only administrators of this group may do this.';
    // Not rate-limited, and the app waits for it.
    await api.answerCallbackQuery(query.id, { text });
    if (done === undefined) return;
    const buttons = [[{ text: truncate(`✔ ${done.label} · ${from.first_name}`, 60), data: 'done' }]];
    const part: MessagePart = { kind: 'keyboard', html: '', messageId: message.message_id };
    await this.#deps.reply(chat, { title: done.label, parts: [part], buttons });
  }

  /** Runs the action of a button; undefined when there is nothing to do. */
  async #runAction(data: string, who: string): Promise<{ reply: string; label: string } | undefined> {
    const [action = '', ...rest] = data.split(':');
    const argument = rest.join(':');
    this.#deps.logger.info({ action }, 'telegram button');
    switch (action) {
      case 'mute': {
        const [event = '', hours = '1'] = rest;
        await this.#deps.mutes.mute(Number(event), Number(hours));
        return { reply: `Code ${event} muted for ${hours} h.`, label: `Muted ${hours} h` };
      }
      case 'replay': {
        const count = await this.#deps.backend.replay(argument);
        return { reply: `${count} requeued.`, label: `Replayed ${count}` };
      }
      case 'ack':
        return { reply: `Acknowledged by ${truncate(who, 150)}.`, label: 'Acknowledged' };
      default:
        return undefined;
    }
  }

  /** Commands may name their bot: /status@other_bot. */
  async #isAddressedToBot(bot: string | undefined): Promise<boolean> {
    if (bot === undefined) return true;
    this.#botName ??= (await this.#deps.api.getMe()).username;
    return bot.toLowerCase() === this.#botName.toLowerCase();
  }
}

/** The reply, in the thread of the command. */
function toReply(message: Message, lines: string[]): SystemMessage {
  const threadId = message.is_topic_message === true ? (message.message_thread_id ?? 'general') : 'general';
  const parts = textParts(lines, 'reply').map((part, index) =>
    index === 0 && part.kind === 'text' ? { ...part, replyTo: message.message_id } : part,
  );
  return { title: 'reply', parts, threadId };
}
