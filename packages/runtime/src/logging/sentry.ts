import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../clock/clock.ts';
import { z } from 'zod';
import type { ErrorReporter, ErrorReporterOptions } from './error-reporter.ts';

/*
 * Errors to Sentry, or GlitchTip, which takes the same. The protocol is one POST (Sentry developer docs, "Envelopes"), so
 * no SDK is needed: @sentry/node-core would add 39 MB, @sentry/core 18 MB, and both gather more than may leave this
 * machine. What is sent is made from a line of the log, in which secrets are hidden already, and only from the fields below.
 */

const LoggedError = z.object({
  type: z.string(),
  message: z.string(),
  stack: z.string().optional(),
  cause: z.unknown().optional(),
});
const LogLine = z.looseObject({
  level: z.enum(['error', 'fatal']),
  time: z.string(),
  msg: z.string().default(''),
  err: LoggedError.optional().catch(undefined),
});

/** Fields that name a thing of ours, none of a buyer's. What others say (`error`, `detail`) may quote one. */
const reportedFields = (
  'id code shop attempt outcome reason consumer task job part requestId route ms kind upstream status chat topic count signal ' +
  'spreadsheet rows method path'
).split(' ');

const requestTimeoutMs = 5_000;
const windowMs = 60_000;
const maxPerWindow = 30;
const maxCauseDepth = 4;

type LoggedErrorData = z.infer<typeof LoggedError>;

/** Sends the errors of one service. The DSN is `https://<public key>@<host>[/path]/<project>`. */
export function createSentryReporter({ dsn, environment, name }: ErrorReporterOptions): ErrorReporter {
  const { url, key } = parseDsn(dsn);
  const inFlight = new Set<Promise<void>>();
  const sent = new Map<string, number>();
  let rateLimitedUntil = 0;

  /** The same error is sent once a minute, and no more than thirty in all. */
  function shouldSend(fingerprint: string): boolean {
    const now = systemClock.monotonicMs();
    for (const [known, at] of sent) if (at < now - windowMs) sent.delete(known);
    if (now < rateLimitedUntil || sent.has(fingerprint) || sent.size >= maxPerWindow) return false;
    sent.set(fingerprint, now);
    return true;
  }

  async function post(body: string): Promise<void> {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-sentry-envelope',
        'x-sentry-auth': `Sentry sentry_version=7, sentry_client=shopee-webhook/0.1.0, sentry_key=${key}`,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    await response.arrayBuffer();
    if (response.status === 429)
      rateLimitedUntil = systemClock.monotonicMs() + Number(response.headers.get('retry-after') ?? 60) * 1000;
  }

  return {
    capture(text) {
      const line = parseLogLine(text);
      if (line === undefined || !shouldSend(`${line.msg} ${line.err?.type ?? ''} ${line.err?.message ?? ''}`)) return;
      // An error about errors would come back here: what cannot be sent is in the log.
      const call = post(buildEnvelope(line, { name, environment }))
        .catch(() => undefined)
        .finally(() => inFlight.delete(call));
      inFlight.add(call);
    },
    async flush(ms) {
      await Promise.race([Promise.all(inFlight), sleep(ms, undefined, { ref: false })]);
    },
  };
}

function parseDsn(dsn: string): { url: string; key: string } {
  const { protocol, host, pathname, username } = new URL(dsn);
  const parts = pathname.split('/').filter((part) => part !== '');
  const project = parts.pop() ?? '';
  const before = parts.map((part) => `/${part}`).join('');
  return { url: `${protocol}//${host}${before}/api/${project}/envelope/`, key: username };
}

function parseLogLine(text: string): z.infer<typeof LogLine> | undefined {
  try {
    return LogLine.safeParse(JSON.parse(text)).data;
  } catch {
    // A line that scrubbing broke is in the log all the same.
    return undefined;
  }
}

function buildEnvelope(line: z.infer<typeof LogLine>, of: { name: string; environment: string }): string {
  const eventId = randomUUID().replaceAll('-', '');
  const extra = Object.fromEntries(reportedFields.flatMap((field) => (field in line ? [[field, line[field]]] : [])));
  const event = {
    event_id: eventId,
    timestamp: line.time,
    platform: 'node',
    level: line.level,
    logger: of.name,
    environment: of.environment,
    release: 'shopee-webhook@0.1.0',
    tags: { service: of.name },
    logentry: { formatted: line.msg },
    ...(line.err === undefined ? {} : { exception: { values: toExceptions(line.err) } }),
    extra,
  };
  const header = { event_id: eventId, sent_at: new Date(systemClock.wallMs()).toISOString() };
  return [header, { type: 'event' }, event].map((part) => JSON.stringify(part)).join('\n');
}

/** The error and its causes, the first cause first, as Sentry wants them. */
function toExceptions(failure: LoggedErrorData, depth = 0): unknown[] {
  const cause = depth < maxCauseDepth ? LoggedError.safeParse(failure.cause).data : undefined;
  const value = {
    type: failure.type,
    value: redactQuoted(failure.message),
    stacktrace: { frames: parseFrames(failure) },
  };
  return [...(cause === undefined ? [] : toExceptions(cause, depth + 1)), value];
}

/** What another program puts between quotation marks may be a value that it was given. */
function redactQuoted(text: string): string {
  return text.replaceAll(/"[^"]*(?:"|$)|«[^»]*(?:»|$)|“[^”]*(?:”|$)/g, '"…"');
}

const frame = /^\s*at (?:(?<call>.+?) \()?(?<file>[^()]+?):(?<line>\d+):(?<column>\d+)\)?$/;

/** V8's stack as frames, the innermost last. Its first lines, which repeat the message, are left out. */
function parseFrames({ stack = '' }: LoggedErrorData): unknown[] {
  const frames = stack.split('\n').flatMap((text) => {
    const { call, file, line, column } = frame.exec(text)?.groups ?? {};
    if (file === undefined) return [];
    const inApp = !file.startsWith('node:') && !file.includes('node_modules');
    return [{ function: call, filename: file, lineno: Number(line), colno: Number(column), in_app: inApp }];
  });
  return frames.toReversed();
}
