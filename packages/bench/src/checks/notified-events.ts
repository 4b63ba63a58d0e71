import type { Telegram } from '@shopee-webhook/sandbox';

/** How often each event was notified, by `code order`: what a member can read in the group, in single messages, digests and files. */
export function countNotifiedEvents(
  telegram: Telegram,
  codeOfTopic: (topic: string) => number | undefined,
  deletedMessages: ReturnType<Telegram['messages']> = [],
): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (code: number, sn: string) => counts.set(`${code} ${sn}`, (counts.get(`${code} ${sn}`) ?? 0) + 1);
  for (const message of [...deletedMessages, ...telegram.messages()]) {
    if (message.from !== 'bot' || message.service !== undefined) continue;
    if (message.document !== undefined) {
      const file = telegram.file(message.document.fileId) ?? '';
      for (const line of file.split('\r\n').slice(1)) {
        const [, code, , , sn] = parseCsvLine(line);
        if (code !== undefined && sn !== undefined && sn !== '') count(Number(code), sn);
      }
      continue;
    }
    const code = codeOfTopic(message.topic);
    if (code === undefined) continue;
    for (const sn of extractOrderNumbers(message.text)) count(code, sn);
  }
  return counts;
}

/** The fields of one line of CSV. */
function parseCsvLine(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, field = '']) => field.replaceAll('"', ''));
}

const orderNumber = /\b\d{6}[0-9A-Z]{8}\b/g;

/** A digest has a line for each event; a single message is one event, however often it names the order. */
function extractOrderNumbers(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.startsWith('• '));
  const digest = lines.length > 0 && text.startsWith('🗂');
  if (digest) return lines.flatMap((line) => line.match(orderNumber)?.[0] ?? []);
  const [first] = text.match(orderNumber) ?? [];
  // The second and later parts of a long message belong to the same event.
  return first === undefined || /^\(?[2-9]\d*\/\d+/.test(text) ? [] : [first];
}
