import formbody from '@fastify/formbody';
import multipart from '@fastify/multipart';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@shopee-webhook/runtime';
import { Faults, type Fault } from '../fake-server/faults.ts';
import { BotError, tooManyRequests } from './bot-error.ts';
import type { ChatLimits } from './chat-limiter.ts';
import { chatMethods } from './chat-methods.ts';
import { createChat, type ChatOptions, type ChatState } from './chat.ts';
import { messageMethods } from './message-methods.ts';
import { Params, type Upload } from './params.ts';
import { applyUserAction, type UserAction } from './user-actions.ts';
import { chatsView, messagesView, page, type MessageView } from './page.ts';
import { topicMethods } from './topic-methods.ts';
import { BotApiState, type Counters } from './bot-api-state.ts';

/**
 * How a call can go wrong: `429` (retry_after from `ms`, 60 s when left out), `502` (a proxy's HTML page), `500`,
 * `400` (with `code` as its description), `hang` (no response, not applied), `hang-after-apply` and `reset-after-apply` (applied, but the response never arrives).
 */
export type TelegramFault = '429' | '502' | '500' | '400' | 'hang' | 'hang-after-apply' | 'reset-after-apply';

export interface TelegramOptions {
  token?: string;
  chats?: ChatOptions[];
  port?: number;
  host?: string;
  /** Changes of Telegram's limits for one group (20 a minute, 1 a second, 3 at once). */
  limits?: Partial<ChatLimits>;
  /** ms; a clock that runs faster makes the minute of the limits shorter. */
  now?: () => number;
}

/** A saved chat room: give it to `restore` of a later fake. */
export interface TelegramState {
  chats: ChatState[];
  files: Record<string, string>;
}

export interface Telegram {
  url: string;
  token: string;
  faults: Faults<TelegramFault>;
  counters: Counters;
  /** The live chats; the first one is the one that `act` means when none is named. */
  chats(): ChatState[];
  messages(chat?: number): MessageView[];
  file(fileId: string): string | undefined;
  act(act: UserAction): { messageId?: number; callbackId?: string };
  /** What the bot answered to a pressed button; undefined until then. */
  callbackResponse(callbackId: string): string | undefined;
  state(): TelegramState;
  restore(state: TelegramState): void;
  close(): Promise<void>;
}

type Method = (botState: BotApiState, params: Params) => unknown;

const methods = new Map(
  Object.entries<Method>({ ...chatMethods, ...topicMethods, ...messageMethods }).map(([name, method]) => [
    name.toLowerCase(),
    { name, method },
  ]),
);

export const sandboxToken = '7000000001:sandbox-bot-token-not-a-credential00';
export const sandboxChatId = -1_002_000_000_001;

/** Starts a Bot API server with one forum group (or the chats given) on loopback. */
export async function createTelegram(options: TelegramOptions = {}): Promise<Telegram> {
  const token = options.token ?? sandboxToken;
  const botState = new BotApiState({
    bot: { id: Number(token.split(':')[0]), is_bot: true, first_name: 'Shop alerts', username: 'shop_alerts_bot' },
    chats: (options.chats ?? [{ id: sandboxChatId }]).map(createChat),
    now: options.now ?? systemClock.wallMs,
    ...(options.limits !== undefined && { limits: options.limits }),
  });
  const faults = new Faults<TelegramFault>();
  const app = fastify({ bodyLimit: 60_000_000, forceCloseConnections: true });
  await app.register(formbody);
  await app.register(multipart, { limits: { fileSize: 50_000_000 } });
  addBotApi(app, { botState, token, faults });
  addViews(app, botState, faults);
  await app.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://${options.host ?? '127.0.0.1'}:${port}`,
    token,
    faults,
    counters: botState.counters,
    chats: () => botState.chats,
    messages: (chat) => messagesView(botState, chat),
    file: (fileId) => botState.files.get(fileId)?.toString('utf8'),
    act: (act) => applyUserAction(botState, act),
    callbackResponse: (id) => botState.callbacks.get(id),
    state: () => ({
      chats: structuredClone(botState.chats),
      files: Object.fromEntries([...botState.files].map(([id, bytes]) => [id, bytes.toString('base64')])),
    }),
    restore(state) {
      botState.chats = structuredClone(state.chats);
      for (const [id, bytes] of Object.entries(state.files)) botState.files.set(id, Buffer.from(bytes, 'base64'));
    },
    async close() {
      botState.updates.close();
      await app.close();
    },
  };
}

interface BotApi {
  botState: BotApiState;
  token: string;
  faults: Faults<TelegramFault>;
}

function addBotApi(app: FastifyInstance, api: BotApi): void {
  app.route<{ Params: { token: string; method: string } }>({
    method: ['GET', 'POST'],
    url: '/bot:token/:method',
    handler: async (request, reply) => {
      const fault = api.faults.takeFault(request.params.method);
      if (fault !== undefined && (await respondWithFault(fault, reply))) return reply;
      try {
        const result = await call(api, request);
        if (fault?.kind === 'reset-after-apply') request.raw.socket.destroy();
        if (fault?.kind.endsWith('-after-apply') === true) return reply.hijack();
        return await reply.send({ ok: true, result });
      } catch (error) {
        return sendBotError(api.botState, reply, error);
      }
    },
  });
}

async function call(
  { botState, token }: BotApi,
  request: FastifyRequest<{ Params: { token: string; method: string } }>,
): Promise<unknown> {
  if (request.params.token !== token) throw new BotError(401, 'Unauthorized');
  const known = methods.get(request.params.method.toLowerCase());
  if (known === undefined) throw new BotError(404, 'Not Found');
  const params = await readParams(request);
  botState.counters.calls[known.name] = (botState.counters.calls[known.name] ?? 0) + 1;
  return known.method(botState, params);
}

/** Does what the fault says before the call is applied; true when the call ends with it. */
async function respondWithFault(fault: Fault<TelegramFault>, reply: FastifyReply): Promise<boolean> {
  if (fault.kind === '429') await sendError(reply, tooManyRequests(Math.ceil((fault.ms ?? 60_000) / 1000)));
  if (fault.kind === '400') await sendError(reply, new BotError(400, `Bad Request: ${fault.code ?? 'refused'}`));
  if (fault.kind === '500') await sendError(reply, new BotError(500, 'Internal Server Error'));
  if (fault.kind === '502') {
    await reply.code(502).type('text/html').send('<html><head><title>502 Bad Gateway</title></head></html>');
  }
  if (fault.kind === 'hang') reply.hijack();
  return !fault.kind.endsWith('-after-apply');
}

function sendBotError(botState: BotApiState, reply: FastifyReply, error: unknown): Promise<FastifyReply> {
  const known = error instanceof BotError ? error : new BotError(400, `Bad Request: ${String(error)}`);
  if (known.code === 429) botState.counters.rateLimited += 1;
  else botState.counters.rejected[known.message] = (botState.counters.rejected[known.message] ?? 0) + 1;
  return sendError(reply, known);
}

async function sendError(reply: FastifyReply, error: BotError): Promise<FastifyReply> {
  if (error.code === 429) reply.header('Retry-After', String(error.parameters?.['retry_after']));
  return await reply.code(error.code).send({
    ok: false,
    error_code: error.code,
    description: error.message,
    ...(error.parameters !== undefined && { parameters: error.parameters }),
  });
}

async function readParams(request: FastifyRequest): Promise<Params> {
  const query = request.query as Record<string, unknown>;
  if (!request.isMultipart()) return new Params({ ...query, ...(request.body as Record<string, unknown> | null) });
  const values: Record<string, unknown> = { ...query };
  const uploads = new Map<string, Upload>();
  for await (const part of request.parts()) {
    if (part.type === 'file') {
      uploads.set(part.fieldname, { name: part.filename, bytes: await part.toBuffer() });
    } else {
      values[part.fieldname] = part.value;
    }
  }
  return new Params(values, uploads);
}

function addViews(app: FastifyInstance, botState: BotApiState, faults: Faults<TelegramFault>): void {
  app.get('/', (_request, reply) => reply.type('text/html').send(page()));
  const query = { type: 'object', properties: { chat: { type: 'integer' } } };
  app.get<{ Querystring: { chat?: number } }>('/_sandbox/messages', { schema: { querystring: query } }, (request) => ({
    chats: chatsView(botState),
    messages: messagesView(botState, request.query.chat),
    counters: botState.counters,
  }));
  app.get<{ Params: { id: string } }>('/_sandbox/files/:id', (request, reply) => {
    const bytes = botState.files.get(request.params.id);
    return bytes === undefined ? reply.code(404).send() : reply.type('text/plain; charset=utf-8').send(bytes);
  });
  app.post<{ Body: Fault<TelegramFault> & { clear?: boolean } }>('/_sandbox/faults', (request, reply) => {
    if (request.body.clear === true) faults.clear();
    else faults.add(request.body);
    return reply.code(204).send();
  });
  app.post<{ Body: UserAction }>('/_sandbox/act', (request) => applyUserAction(botState, request.body));
}
