import type { EventView } from '../messages/event-view.ts';
import { bold, code, escapeLine } from './html.ts';

/** Fields of a chat message that are references, not content. */
const referenceField = /(^|_)(id|sn)$/;
/** Fields of a chat message with content: its own, and what it quotes. */
const textFields = ['content', 'quoted_msg', 'source_content'];

/** The data of a chat message without what the buyer wrote. */
export function redactChat(data: Record<string, unknown>): Record<string, unknown> {
  const { content } = data;
  if (!isRecord(content)) return data;
  const redacted = Object.entries(content).map(([name, value]) => [
    name,
    textFields.includes(name) ? pickReferences(value) : value,
  ]);
  return { ...data, content: Object.fromEntries(redacted) as unknown };
}

/** Sender and text of a chat message. */
export function chatLines({ push, data }: EventView): string[] {
  const { content } = data;
  if (!isRecord(content) || typeof content['from_user_name'] !== 'string') return [];
  const { from_user_name: from, message_type: kind, content: inner } = content;
  const text = isRecord(inner) && typeof inner['text'] === 'string' ? inner['text'] : undefined;
  const isRedacted = data !== push.data;
  const lines = text === undefined ? (isRedacted ? ['The message is in Seller Center'] : []) : [bold(text)];
  return [`From: ${code(from)}${typeof kind === 'string' ? ` · ${escapeLine(kind)}` : ''}`, ...lines];
}

function pickReferences(value: unknown): unknown {
  if (!isRecord(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter(([name, inner]) => referenceField.test(name) && !isRecord(inner)),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
