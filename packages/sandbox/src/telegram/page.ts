import { readFileSync } from 'node:fs';
import type { ChatState, StoredMessage } from './chat.ts';
import { escapeHtml, renderHtml } from './formatted-text.ts';
import { iconStickers } from './icon-stickers.ts';
import type { BotApiState } from './bot-api-state.ts';

/** A message as tests and the page read it. */
export interface MessageView extends StoredMessage {
  chat: number;
  /** The topic's name; "General" for the main chat. */
  topic: string;
  sender: string;
  /** The text as safe HTML. */
  html: string;
}

/** All messages of one chat, or of all chats, oldest first, service messages included. */
export function messagesView(botState: BotApiState, chatId?: number): MessageView[] {
  const chats = chatId === undefined ? botState.chats : botState.chats.filter((chat) => chat.id === chatId);
  return chats.flatMap((chat) => chat.messages.map((message) => viewOf(chat, message)));
}

/** The chats without their messages, each topic with its icon. */
export function chatsView(botState: BotApiState): unknown[] {
  return botState.chats.map((chat) => ({
    ...chat,
    messages: undefined,
    topics: chat.topics.map((topic) => ({
      ...topic,
      icon: iconStickers.find((sticker) => sticker.custom_emoji_id === topic.iconEmojiId)?.emoji,
    })),
  }));
}

function viewOf(chat: ChatState, message: StoredMessage): MessageView {
  const topic = chat.topics.find((topic) => topic.threadId === message.threadId);
  const person = chat.people.find((person) => person.id === message.from);
  return {
    ...message,
    chat: chat.id,
    topic: topic?.name ?? 'General',
    sender: message.from === 'bot' ? 'bot' : (person?.first_name ?? 'Group'),
    html: renderHtml(message).replaceAll('\n', '<br>'),
  };
}

const style = readFileSync(new URL('page.css', import.meta.url), 'utf8');
const script = readFileSync(new URL('page.client.js', import.meta.url), 'utf8');

/** The chat as a page: topics at the side, messages as the app shows them, a box to write commands in. */
export function page(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml('Telegram fake')}</title>
<style>${style}</style>
</head>
<body>
<aside>
  <header><select id="chat" aria-label="Chat"></select><p id="counts"></p></header>
  <nav id="topics" aria-label="Topics"></nav>
</aside>
<main>
  <header id="title"></header>
  <section id="messages" aria-live="polite"></section>
  <form id="say">
    <select id="by" aria-label="Speak as"></select>
    <input id="text" placeholder="Write a command, for example /status" autocomplete="off">
    <button>Send</button>
  </form>
</main>
<output id="toast"></output>
<script>${script}</script>
</body>
</html>`;
}
