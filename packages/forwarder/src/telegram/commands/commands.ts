import { eventOf } from '@shopee-webhook/shopee';
import type { CommandSources } from './command-sources.ts';
import { bold, code, escapeLine } from '../format/html.ts';
import { formatTime } from '../format/times.ts';
import type { Mutes } from '../mutes.ts';

/** What an administrator can ask in the group; also shown by Telegram's own command menu. */
export const commandList = [
  { command: 'status', description: 'How the service is' },
  { command: 'order', description: 'What is known of an order: /order <number>' },
  { command: 'today', description: 'What happened today' },
  { command: 'dlq', description: 'Dead letters' },
  { command: 'replay', description: 'Put a dead letter back into the line: /replay <id> or /replay all' },
  { command: 'mute', description: 'Silence an event code: /mute <code> <hours>, 0 hours ends it' },
];

export interface CommandParts {
  sources: CommandSources;
  mutes: Mutes;
  /** IANA zone for times in answers. */
  zone: () => string;
}

/** Answers one command as HTML lines; undefined when it is none of ours. */
export async function answerCommand(
  name: string,
  argument: string,
  parts: CommandParts,
): Promise<string[] | undefined> {
  switch (name) {
    case 'status':
      return [bold('Status'), ...(await parts.sources.status()).map(escapeLine), ...(await muteLines(parts))];
    case 'order':
      return orderAnswer(argument, parts);
    case 'today':
      return [bold('Today'), ...(await parts.sources.today(parts.zone())).map(escapeLine)];
    case 'dlq':
      return deadLetterAnswer(parts);
    case 'replay':
      return replayAnswer(argument, parts);
    case 'mute':
      return muteAnswer(argument, parts);
    case 'start':
    case 'help':
      return commandList.map(({ command, description }) => escapeLine(`${command}: ${description}`));
    default:
      return undefined;
  }
}

async function orderAnswer(sn: string, { sources, zone }: CommandParts): Promise<string[]> {
  if (!/^[\w-]{4,40}$/.test(sn)) return ['Please name an order: /order 260901K7QWE8RT'];
  const lines = await sources.order(sn, zone());
  if (lines === undefined) return [`Nothing is known of ${code(sn)}.`];
  return [`${bold('Order')} ${code(sn)}`, ...lines.map(escapeLine)];
}

async function deadLetterAnswer({ sources, zone }: CommandParts): Promise<string[]> {
  const { total, letters } = await sources.deadLetters(10);
  if (total === 0) return ['No dead letters.'];
  const lines = letters.map(({ id, reason, error, code: event, deadAt }) => {
    const what = event === undefined ? '' : ` · ${escapeLine(eventOf(event).title)}`;
    const when = deadAt === undefined ? '' : ` · ${formatTime(Math.floor(deadAt / 1000), zone())}`;
    return `• ${code(id)} · ${escapeLine(reason)}${what}${when}: ${escapeLine(error).slice(0, 300)}`;
  });
  return [
    `${bold(`${total} dead letters`)}${total > letters.length ? `, the newest ${letters.length}` : ''}`,
    ...lines,
  ];
}

async function replayAnswer(id: string, { sources }: CommandParts): Promise<string[]> {
  if (!/^[\w-]{1,64}$/.test(id))
    return ['Please name a dead letter: /replay <id>, as /dlq lists them'.replace('<id>', '&lt;id&gt;')];
  const count = await sources.replay(id);
  return [count === 0 ? `There is no dead letter ${code(id)}.` : `${count} put back into the line.`];
}

async function muteAnswer(argument: string, { mutes, zone }: CommandParts): Promise<string[]> {
  const [, event, hours = '1'] = /^(\d{1,3})(?:\s+(\d{1,4}))?$/.exec(argument) ?? [];
  if (event === undefined) return ['Please name an event code and hours: /mute 8 4'];
  const until = await mutes.mute(Number(event), Number(hours));
  const { title } = eventOf(Number(event));
  if (Number(hours) === 0) return [`${bold(title)} (code ${event}) is heard again.`];
  return [`${bold(title)} (code ${event}) is mute until ${formatTime(Math.floor(until / 1000), zone())}.`];
}

async function muteLines({ mutes, zone }: CommandParts): Promise<string[]> {
  return [...(await mutes.list())].map(([event, until]) => {
    const end = until === Infinity ? 'TELEGRAM_MUTE' : `until ${formatTime(Math.floor(until / 1000), zone())}`;
    return `Mute: ${escapeLine(eventOf(event).title)} (code ${event}), ${end}`;
  });
}
