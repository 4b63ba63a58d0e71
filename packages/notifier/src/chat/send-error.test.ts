import { GrammyError, HttpError } from 'grammy';
import { expect, it } from 'vitest';
import { classifySendError } from './send-error.ts';

const rejection = (code: number, description: string, parameters: object = {}) =>
  new GrammyError('rejected', { ok: false, error_code: code, description, parameters }, 'sendMessage', {
    text: 'secret',
  });

it.each([
  [400, 'Bad Request: message thread not found', 'thread-deleted'],
  [400, 'Bad Request: TOPIC_DELETED', 'thread-deleted'],
  [400, 'Bad Request: TOPIC_CLOSED', 'thread-closed'],
  [400, 'Bad Request: the chat is not a forum', 'not-a-forum'],
  [400, 'Bad Request: not enough rights to create a topic', 'no-topic-permission'],
  [400, 'Bad Request: not enough rights to close or open the topic', 'no-topic-permission'],
  [400, 'Bad Request: TOPIC_NOT_MODIFIED', 'topic-not-modified'],
  [400, `Bad Request: can't parse entities: Unsupported start tag "x" at byte offset 3`, 'invalid-markup'],
  [400, 'Bad Request: message is not modified: specified new message content …', 'not-modified'],
  [400, 'Bad Request: message to edit not found', 'message-deleted'],
  [400, "Bad Request: message can't be edited", 'message-deleted'],
  [400, 'Bad Request: chat not found', 'chat-unreachable'],
  [400, 'Bad Request: not enough rights to send text messages to the chat', 'chat-unreachable'],
  [400, 'Bad Request: not enough rights to send documents to the chat', 'no-files'],
  [400, 'Bad Request: CHAT_SEND_DOCS_FORBIDDEN', 'no-files'],
  [400, 'Bad Request: something new', 'rejected'],
  [401, 'Unauthorized', 'bot-unauthorized'],
  [403, 'Forbidden: bot was kicked from the supergroup chat', 'chat-unreachable'],
  [403, 'Forbidden: bot is not a member of the supergroup chat', 'chat-unreachable'],
  [403, 'Forbidden: the group chat was deleted', 'chat-unreachable'],
  [403, 'Forbidden: bot was blocked by the user', 'chat-unreachable'],
  [409, 'Conflict: terminated by other getUpdates request', 'retryable'],
  [500, 'Internal Server Error', 'retryable'],
])('%i %s is %s', (code, description, kind) => {
  expect(classifySendError(rejection(code, description))).toMatchObject({ kind, reason: description });
});

it('reads the parameters of a 429 and of a migrated group', () => {
  expect(classifySendError(rejection(429, 'Too Many Requests: retry after 7', { retry_after: 7 }))).toMatchObject({
    kind: 'rate-limited',
    retryAfterMs: 7_000,
  });
  const moved = rejection(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
    migrate_to_chat_id: -100,
  });
  expect(classifySendError(moved)).toMatchObject({ kind: 'migrated', chatId: '-100' });
});

it("treats a proxy's page and a lost connection alike, and never contains the message", () => {
  const failure = classifySendError(
    new HttpError('failed', new Error('https://api.telegram.org/bot123:abc/sendMessage')),
  );
  expect(failure).toEqual({ kind: 'retryable', reason: 'no usable response from Telegram' });
});

it('rethrows other errors', () => {
  expect(() => classifySendError(new TypeError('ours'))).toThrow('ours');
});
