import { getEventType } from '@shopee-webhook/shopee';
import type { CommandBackend } from './command-backend.ts';
import { bold, code, escapeLine } from '../format/html.ts';
import { formatTime } from '../time/format-time.ts';
import type { Mutes } from '../routing/mutes.ts';

/** What an administrator can ask in the group; also shown by Telegram's own command menu. */
export const commandList = [
  { command: 'status', description: 'How the service is' },
  { command: 'order', description: 'What is known of an order: /order <number>' },
  { command: 'today', description: 'What happened today' },
  { command: 'dlq', description: 'Dead letters' },
  { command: 'replay', description: 'Put a dead letter back into the line: /replay <id> or /replay all' },
  { command: 'mute', description: 'Silence an event code: /mute <code> <hours>, 0 hours ends it' },
];

export interface CommandDeps {
  backend: CommandBackend;
  mutes: Mutes;
  /** IANA zone for times in answers. */
  zone: () => string;
}

/** Answers one command as HTML lines; undefined when it is none of ours. */
export async function runCommand(name: string, argument: string, deps: CommandDeps): Promise<string[] | undefined> {
  switch (name) {
    case 'status':
      return [bold('Status'), ...(await deps.backend.status()).map(escapeLine), ...(await muteLines(deps))];
    case 'order':
      return orderReply(argument, deps);
    case 'today':
      return [bold('Today'), ...(await deps.backend.today(deps.zone())).map(escapeLine)];
    case 'dlq':
      return deadLetterReply(deps);
    case 'replay':
      return replayReply(argument, deps);
    case 'mute':
      return muteReply(argument, deps);
    case 'start':
    case 'help':
      return commandList.map(({ command, description }) => escapeLine(`${command}: ${description}`));
    default:
      return undefined;
  }
}

async function orderReply(sn: string, { backend, zone }: CommandDeps): Promise<string[]> {
  if (!/^[\w-]{4,40}$/.test(sn)) return ['Please name an order: /order 260901K7QWE8RT'];
  const lines = await backend.order(sn, zone());
  if (lines === undefined) return [`Nothing is known of ${code(sn)}.`];
  return [`${bold('Order')} ${code(sn)}`, ...lines.map(escapeLine)];
}

async function deadLetterReply({ backend, zone }: CommandDeps): Promise<string[]> {
  const { total, deadLetters } = await backend.deadLetters(10);
  if (total === 0) return ['No dead letters.'];
  const lines = deadLetters.map(({ id, reason, error, code: event, deadLetteredAt }) => {
    const what = event === undefined ? '' : ` · ${escapeLine(getEventType(event).title)}`;
    const when = deadLetteredAt === undefined ? '' : ` · ${formatTime(Math.floor(deadLetteredAt / 1000), zone())}`;
    return `• ${code(id)} · ${escapeLine(reason)}${what}${when}: ${escapeLine(error).slice(0, 300)}`;
  });
  return [
    `${bold(`${total} dead letters`)}${total > deadLetters.length ? `, the newest ${deadLetters.length}` : ''}`,
    ...lines,
  ];
}

async function replayReply(id: string, { backend }: CommandDeps): Promise<string[]> {
  if (!/^[\w-]{1,64}$/.test(id))
    return ['Please name a dead letter: /replay <id>, as /dlq lists them'.replace('<id>', '&lt;id&gt;')];
  const count = await backend.replay(id);
  return [count === 0 ? `There is no dead letter ${code(id)}.` : `${count} put back into the line.`];
}

async function muteReply(argument: string, { mutes, zone }: CommandDeps): Promise<string[]> {
  const [, event, hours = '1'] = /^(\d{1,3})(?:\s+(\d{1,4}))?$/.exec(argument) ?? [];
  if (event === undefined) return ['Please name an event code and hours: /mute 8 4'];
  const until = await mutes.mute(Number(event), Number(hours));
  const { title } = getEventType(Number(event));
  if (Number(hours) === 0) return [`${bold(title)} (code ${event}) is heard again.`];
  return [`${bold(title)} (code ${event}) is mute until ${formatTime(Math.floor(until / 1000), zone())}.`];
}

async function muteLines({ mutes, zone }: CommandDeps): Promise<string[]> {
  return [...(await mutes.list())].map(([event, until]) => {
    const end = until === Infinity ? 'TELEGRAM_MUTE' : `until ${formatTime(Math.floor(until / 1000), zone())}`;
    return `Mute: ${escapeLine(getEventType(event).title)} (code ${event}), ${end}`;
  });
}
