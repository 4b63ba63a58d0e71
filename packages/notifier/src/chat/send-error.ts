import { GrammyError, HttpError } from 'grammy';

/** What a refused or failed call means for what comes next. `why` is Telegram's own words, never the message's text. */
export type ClassifiedSendError =
  | { kind: 'too-many'; retryAfterMs: number; why: string }
  /** No answer, a proxy's page, a server error: may have been applied. */
  | { kind: 'later'; why: string }
  | { kind: 'thread-gone'; why: string }
  | { kind: 'thread-closed'; why: string }
  | { kind: 'not-a-forum'; why: string }
  | { kind: 'no-topic-right'; why: string }
  | { kind: 'bad-icon'; why: string }
  | { kind: 'unparsable'; why: string }
  /** Files are not taken there; text is. */
  | { kind: 'no-files'; why: string }
  | { kind: 'migrated'; chatId: string; why: string }
  /** Nothing can be sent there until somebody acts. */
  | { kind: 'chat-lost'; why: string }
  /** The token is wrong or revoked: nothing can be sent anywhere. */
  | { kind: 'bot-lost'; why: string }
  | { kind: 'not-modified'; why: string }
  | { kind: 'message-gone'; why: string }
  | { kind: 'refused'; why: string };

type PlainKind = Exclude<ClassifiedSendError['kind'], 'too-many' | 'migrated'>;

/** Telegram's descriptions, without "Bad Request: ". The first that fits counts. */
const errorPatterns: readonly [RegExp, PlainKind][] = [
  [/message thread not found|TOPIC_DELETED|TOPIC_ID_INVALID/i, 'thread-gone'],
  [/TOPIC_CLOSED/i, 'thread-closed'],
  [/chat is not a forum|CHANNEL_FORUM_MISSING/i, 'not-a-forum'],
  [/not enough rights to (create|edit|reopen|manage)|CHAT_ADMIN_REQUIRED/i, 'no-topic-right'],
  [/DOCUMENT_INVALID|invalid icon color|custom emoji/i, 'bad-icon'],
  [/can't parse entities/i, 'unparsable'],
  [/message is not modified/i, 'not-modified'],
  [/message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i, 'message-gone'],
  [/rights to send (documents|media)|CHAT_SEND_(DOCS|MEDIA)_FORBIDDEN/i, 'no-files'],
  [
    /chat not found|not enough rights to send|have no rights to send|CHAT_WRITE_FORBIDDEN|need administrator rights/i,
    'chat-lost',
  ],
  [/PEER_ID_INVALID|CHAT_RESTRICTED|CHAT_SEND_PLAIN_FORBIDDEN/i, 'chat-lost'],
];

/** Decides what an error of a Bot API call means; every row of Telegram's own table of refusals has its kind. */
export function classifySendError(error: unknown): ClassifiedSendError {
  if (error instanceof HttpError) return { kind: 'later', why: 'no usable answer from Telegram' };
  if (!(error instanceof GrammyError)) throw error;
  const { error_code: status, description: why, parameters } = error;
  if (parameters.migrate_to_chat_id !== undefined) {
    return { kind: 'migrated', chatId: String(parameters.migrate_to_chat_id), why };
  }
  if (status === 429) return { kind: 'too-many', retryAfterMs: (parameters.retry_after ?? 5) * 1000, why };
  if (status >= 500 || status === 409) return { kind: 'later', why };
  if (status === 403) return { kind: 'chat-lost', why };
  // 404 is what a malformed token gets: the address holds it.
  if (status === 401 || status === 404) return { kind: 'bot-lost', why };
  const known = errorPatterns.find(([pattern]) => pattern.test(why));
  return { kind: known?.[1] ?? 'refused', why };
}
