import type { Push } from '@shopee-webhook/shopee';
import { bold, code, escapeLine } from './html.ts';

/** Fields of a chat message that are references, not content. */
const referenceField = /(^|_)(id|sn)$/;
/** Fields of a chat message with content: its own, and what it quotes. */
const textFields = ['content', 'quoted_msg', 'source_content'];

/** A push's data without what a buyer wrote in the chat, unless `full`; only code 10 has any. */
export function redactData(push: Push, showBuyer: 'name' | 'full'): Record<string, unknown> {
  const { content } = push.data;
  if (push.code !== 10 || showBuyer === 'full' || !isRecord(content)) return push.data;
  const kept = Object.entries(content).map(([name, value]) => [
    name,
    textFields.includes(name) ? pickReferences(value) : value,
  ]);
  return { ...push.data, content: Object.fromEntries(kept) as unknown };
}

/** Sender and text of a chat message. */
export function renderChat(push: Push, data: Record<string, unknown>): string[] {
  const { content } = data;
  if (push.code !== 10 || !isRecord(content) || typeof content['from_user_name'] !== 'string') return [];
  const { from_user_name: from, message_type: kind, content: inner } = content;
  const text = isRecord(inner) && typeof inner['text'] === 'string' ? inner['text'] : undefined;
  const isHidden = data !== push.data;
  const words = text === undefined ? (isHidden ? ['The message is in Seller Center'] : []) : [bold(text)];
  return [`From: ${code(from)}${typeof kind === 'string' ? ` · ${escapeLine(kind)}` : ''}`, ...words];
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
