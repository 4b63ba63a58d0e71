import { getEventType } from '@shopee-webhook/shopee';
import type { CommandBackend } from './command-backend.ts';
import { bold, code, escapeLine, truncate } from '../format/html.ts';
import { formatTime } from '../time/format-time.ts';
import type { Mutes } from '../routing/mutes.ts';

/** The commands of administrators, also shown in Telegram's command menu. */
export const commandList = [
  { command: 'status', description: 'Service status' },
  { command: 'order', description: 'Show an order: /order <number>' },
  { command: 'today', description: 'Totals of today' },
  { command: 'dlq', description: 'Dead letters' },
  { command: 'replay', description: 'Requeue a dead letter: /replay <id> or /replay all' },
  { command: 'mute', description: 'Mute an event code: /mute <code> <hours>, 0 hours unmutes it' },
];

export interface CommandDeps {
  backend: CommandBackend;
  mutes: Mutes;
  /** IANA zone for times in replies. */
  zone: () => string;
}

/** Runs one command and returns the reply as HTML lines; undefined for an unknown command. */
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
  if (!/^[\w-]{4,40}$/.test(sn)) return ['Usage: /order 260901K7QWE8RT'];
  const lines = await backend.order(sn, zone());
  if (lines === undefined) return [`No record of ${code(sn)}.`];
  return [`${bold('Order')} ${code(sn)}`, ...lines.map(escapeLine)];
}

async function deadLetterReply({ backend, zone }: CommandDeps): Promise<string[]> {
  const { total, deadLetters } = await backend.deadLetters(10);
  if (total === 0) return ['No dead letters.'];
  const lines = deadLetters.map(({ id, reason, error, code: event, deadLetteredAt }) => {
    const what = event === undefined ? '' : ` · ${escapeLine(getEventType(event).title)}`;
    const when = deadLetteredAt === undefined ? '' : ` · ${formatTime(Math.floor(deadLetteredAt / 1000), zone())}`;
    return `• ${code(id)} · ${escapeLine(reason)}${what}${when}: ${escapeLine(truncate(error, 300))}`;
  });
  return [
    `${bold(`${total} dead letters`)}${total > deadLetters.length ? `, the newest ${deadLetters.length}` : ''}`,
    ...lines,
  ];
}

async function replayReply(id: string, { backend }: CommandDeps): Promise<string[]> {
  // Other programs may have made the id, and the second of two dead letters with one id ends in `#` and a digest.
  if (!/^\S{1,200}$/.test(id)) return ['Usage: /replay &lt;id&gt; (see /dlq) or /replay all'];
  const count = await backend.replay(id);
  return [count === 0 ? `No dead letter ${code(id)}.` : `${count} requeued.`];
}

async function muteReply(argument: string, { mutes, zone }: CommandDeps): Promise<string[]> {
  const [, event, hours = '1'] = /^(\d{1,3})(?:\s+(\d{1,4}))?$/.exec(argument) ?? [];
  if (event === undefined) return ['Usage: /mute &lt;code&gt; &lt;hours&gt;, such as /mute 8 4'];
  const until = await mutes.mute(Number(event), Number(hours));
  const { title } = getEventType(Number(event));
  if (Number(hours) === 0) return [`${bold(title)} (code ${event}) unmuted.`];
  return [`${bold(title)} (code ${event}) muted until ${formatTime(Math.floor(until / 1000), zone())}.`];
}

async function muteLines({ mutes, zone }: CommandDeps): Promise<string[]> {
  return [...(await mutes.list())].map(([event, until]) => {
    const end = until === Infinity ? 'TELEGRAM_MUTE' : `until ${formatTime(Math.floor(until / 1000), zone())}`;
    return `Muted: ${escapeLine(getEventType(event).title)} (code ${event}), ${end}`;
  });
}
