import { GrammyError, HttpError } from 'grammy';

/** How a failed call is handled. `reason` is Telegram's own description, never the message's text. */
export type ClassifiedSendError =
  | { kind: 'rate-limited'; retryAfterMs: number; reason: string }
  /** No response, a proxy's page, a server error: may have been applied. */
  | { kind: 'retryable'; reason: string }
  | { kind: 'thread-deleted'; reason: string }
  | { kind: 'thread-closed'; reason: string }
  | { kind: 'not-a-forum'; reason: string }
  | { kind: 'no-topic-permission'; reason: string }
  /** The topic is open, closed or named as requested already. */
  | { kind: 'topic-not-modified'; reason: string }
  | { kind: 'bad-icon'; reason: string }
  | { kind: 'invalid-markup'; reason: string }
  /** Files are not allowed there; text is. */
  | { kind: 'no-files'; reason: string }
  | { kind: 'migrated'; chatId: string; reason: string }
  /** Nothing can be sent there until an operator acts. */
  | { kind: 'chat-unreachable'; reason: string }
  /** The token is wrong or revoked: nothing can be sent anywhere. */
  | { kind: 'bot-unauthorized'; reason: string }
  | { kind: 'not-modified'; reason: string }
  | { kind: 'message-deleted'; reason: string }
  | { kind: 'rejected'; reason: string };

type PlainKind = Exclude<ClassifiedSendError['kind'], 'rate-limited' | 'migrated'>;

/** Telegram's descriptions, without "Bad Request: ". The first match counts. */
const errorPatterns: readonly [RegExp, PlainKind][] = [
  [/message thread not found|TOPIC_DELETED|TOPIC_ID_INVALID/i, 'thread-deleted'],
  [/TOPIC_CLOSED/i, 'thread-closed'],
  [/chat is not a forum|CHANNEL_FORUM_MISSING/i, 'not-a-forum'],
  [/not enough rights to (create|edit|close|reopen|manage)|CHAT_ADMIN_REQUIRED/i, 'no-topic-permission'],
  [/TOPIC_NOT_MODIFIED/i, 'topic-not-modified'],
  [/DOCUMENT_INVALID|invalid icon color|custom emoji/i, 'bad-icon'],
  [/can't parse entities/i, 'invalid-markup'],
  [/message is not modified/i, 'not-modified'],
  [/message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i, 'message-deleted'],
  [/rights to send (documents|media)|CHAT_SEND_(DOCS|MEDIA)_FORBIDDEN/i, 'no-files'],
  [
    /chat not found|not enough rights to send|have no rights to send|CHAT_WRITE_FORBIDDEN|need administrator rights/i,
    'chat-unreachable',
  ],
  [/PEER_ID_INVALID|CHAT_RESTRICTED|CHAT_SEND_PLAIN_FORBIDDEN/i, 'chat-unreachable'],
];

/** Classifies the error of a Bot API call. */
export function classifySendError(error: unknown): ClassifiedSendError {
  if (error instanceof HttpError) return { kind: 'retryable', reason: 'no usable response from Telegram' };
  if (!(error instanceof GrammyError)) throw error;
  const { error_code: status, description: reason, parameters } = error;
  if (parameters.migrate_to_chat_id !== undefined) {
    return { kind: 'migrated', chatId: String(parameters.migrate_to_chat_id), reason };
  }
  if (status === 429) return { kind: 'rate-limited', retryAfterMs: (parameters.retry_after ?? 5) * 1000, reason };
  if (status >= 500 || status === 409) return { kind: 'retryable', reason };
  if (status === 403) return { kind: 'chat-unreachable', reason };
  // A malformed token gets 404: it is part of the path.
  if (status === 401 || status === 404) return { kind: 'bot-unauthorized', reason };
  const known = errorPatterns.find(([pattern]) => pattern.test(reason));
  return { kind: known?.[1] ?? 'rejected', reason };
}
