import { expect, test } from 'vitest';
import type { ComponentStatus } from '@shopee-webhook/contracts/dashboard-api';
import { buildSystemStatus, type SystemStatusInputs } from './system-status.ts';

const now = Date.UTC(2026, 10, 23, 12);

const consumer = {
  id: 'vm:1',
  state: 'busy' as const,
  processed: 9,
  failed: 0,
  retried: 0,
  avgProcessingMs: 200,
  lastProcessedAt: null,
  inFlight: 3,
};

/** A product that is well, two minutes after its last push. */
const healthy: SystemStatusInputs = {
  now,
  minute: { received: 40, handled: 38, notified: 30 },
  lastPushAt: now - 120_000,
  responses: [{ at: now, counts: { queued: 40 } }] as unknown as SystemStatusInputs['responses'],
  health: {
    status: 'ok',
    checks: {
      redis: { status: 'ok', since: '2026-11-23T10:00:00.000Z' },
      spool: { status: 'ok', since: '2026-11-23T10:00:00.000Z' },
    },
  },
  queue: {
    redis: { enabled: true, connected: true, memoryUsedBytes: 1, memoryMaxBytes: 2 },
    queue: { depth: 2, retrying: 1, processing: 3, deadLetter: 0, oldestSeconds: 1 },
    totals: null,
    circuitBreaker: null,
    spool: { depth: 0, oldestSeconds: 0, deadLetter: 0 },
  },
  worker: {
    isKnown: true,
    reachable: true,
    since: now,
    checks: { 'google-sheets': { status: 'ok' }, 'shopee-token': { status: 'ok' } },
    stats: { workers: [consumer], paused: [], calls: { sheetReads: 2, sheetWrites: 12, shopee: 50 } },
  },
  paused: false,
  notifier: {
    enabled: true,
    isLeader: true,
    chats: [],
    sent: { messages: 0, events: 0, digests: 0, rejected: 0 },
    maxUrgentMs: 0,
  },
};

function partOf(id: ComponentStatus['id'], more: Partial<SystemStatusInputs> = {}): ComponentStatus | undefined {
  return buildSystemStatus({ ...healthy, ...more }).find((part) => part.id === id);
}

test('each component shows its state, its throughput in the last minute, and its depth', () => {
  const notified = buildSystemStatus(healthy).map(({ id, level, detail, perMinute, depth }) => [
    id,
    level,
    detail,
    perMinute,
    depth,
  ]);
  expect(notified).toEqual([
    ['shopee', 'ok', 'Last push 2 min ago', 40, null],
    ['forwarder', 'ok', 'Accepting pushes', 40, null],
    ['redis', 'ok', '2 events queued, 1 retrying', 40, 2],
    ['spool', 'off', 'Standby, empty', null, null],
    ['consumers', 'ok', '1 consumer, 1 busy', 38, 3],
    ['shopee-api', 'ok', 'Healthy', 50, null],
    ['sheets', 'ok', 'Writable', 14, null],
    ['telegram', 'ok', 'All notifications sent', 30, 0],
  ]);
});

test('before the first push Shopee is unknown, with what to do', () => {
  expect(partOf('shopee', { lastPushAt: undefined })).toMatchObject({
    level: 'unknown',
    action: expect.stringContaining('callback URL'),
  });
});

test('many rejected pushes are a warning, for Shopee judges by them', () => {
  const responses = [{ at: now, counts: { queued: 6, unauthorized: 4 } }] as unknown as SystemStatusInputs['responses'];
  expect(partOf('shopee', { responses })).toMatchObject({
    level: 'warning',
    detail: expect.stringContaining('4 pushes'),
  });
});

test('while Redis is unavailable the spool takes the pushes, and both show it', () => {
  const { queue } = healthy;
  const facts: Partial<SystemStatusInputs> = {
    health: {
      status: 'ok',
      checks: {
        redis: { status: 'warning', since: '2026-11-23T11:00:00.000Z', detail: 'no answer', action: 'start it' },
      },
    },
    queue: { ...queue, spool: { depth: 7, oldestSeconds: 100, deadLetter: 0 } },
  };
  expect(partOf('redis', facts)).toMatchObject({ level: 'warning', detail: 'no answer', action: 'start it' });
  expect(partOf('redis', facts)?.since).toBe(Date.UTC(2026, 10, 23, 11));
  expect(partOf('spool', facts)).toMatchObject({ level: 'warning', detail: '7 events on disk, the oldest for 2 min' });
});

test('consumers that were paused, not running, or unreachable are distinguished', () => {
  const { worker } = healthy;
  expect(partOf('consumers', { paused: true })).toMatchObject({ level: 'warning', detail: 'Paused by an operator' });
  const none = { ...worker, stats: { workers: [], paused: [] } };
  expect(partOf('consumers', { worker: none })).toMatchObject({ level: 'failing', detail: 'No consumer running' });
  const unavailable = { ...worker, reachable: false };
  expect(partOf('consumers', { worker: unavailable })).toMatchObject({ level: 'failing', since: now });
  expect(partOf('sheets', { worker: unavailable })?.level).toBe('unknown');
  expect(partOf('consumers', { worker: { ...unavailable, isKnown: false } })?.level).toBe('unknown');
});

test('a side that a check finds fault with says it in that side’s words', () => {
  const checks = { 'google-sheets': { status: 'failing' as const, detail: 'PERMISSION_DENIED', action: 'share it' } };
  expect(partOf('sheets', { worker: { ...healthy.worker, checks } })).toMatchObject({
    level: 'failing',
    detail: 'PERMISSION_DENIED',
    action: 'share it',
  });
});

test('without a bot Telegram is off', () => {
  expect(partOf('telegram', { notifier: { ...healthy.notifier, enabled: false } })).toMatchObject({ level: 'off' });
});
