import type { ShopTokens } from '@shopee-webhook/store';
import { expect, test } from 'vitest';
import { buildSetup, type SetupInputs } from './setup.ts';

const shop: ShopTokens = {
  shopId: '700000001',
  accessToken: 'a',
  refreshToken: 'r',
  accessExpiresAt: 0,
  refreshExpiresAt: 0,
  shopName: 'Kopi & Cotton SG',
  state: 'active',
  updatedAt: 0,
};

const worker: SetupInputs['worker'] = {
  isKnown: true,
  reachable: true,
  since: 0,
  checks: { 'google-sheets': { status: 'ok' } },
  stats: undefined,
};

const notifier: SetupInputs['notifier'] = {
  enabled: true,
  isLeader: true,
  chats: [],
  sent: { messages: 0, events: 0, digests: 0, rejected: 0 },
  maxUrgentMs: 0,
};

/** Everything is set up, but for what a test says. */
function stepsOf(more: Partial<SetupInputs>) {
  const { done, steps } = buildSetup({
    callbackUrl: 'https://shop.example/webhook/shopee',
    hasPush: true,
    rejected: 0,
    shops: [shop],
    connectHint: undefined,
    worker,
    settings: undefined,
    notifier,
    hasOrder: true,
    ...more,
  });
  return { done, ...Object.fromEntries(steps.map((step) => [step.id, step])) };
}

test('with everything in place nothing is left to do', () => {
  expect(stepsOf({})).toMatchObject({
    done: true,
    shop: { state: 'done', detail: 'Connected: Kopi & Cotton SG.', instructions: [] },
  });
});

test('an empty installation is led through every step, with the callback URL to copy', () => {
  const action = 'Share the spreadsheet 1AbC with bot@project.iam.gserviceaccount.com as Editor.';
  const detail = 'The caller does not have permission';
  const checks = { 'google-sheets': { status: 'failing' as const, detail, action } };
  const steps = stepsOf({
    hasPush: false,
    shops: [],
    worker: { ...worker, checks },
    settings: { serviceAccount: 'bot@project.iam.gserviceaccount.com', settings: [], spreadsheets: [] },
    notifier: { ...notifier, enabled: false },
    hasOrder: false,
  });
  expect(steps).toMatchObject({
    done: false,
    'push-url': { state: 'todo', copy: { value: 'https://shop.example/webhook/shopee' } },
    shop: { state: 'todo' },
    sheet: {
      state: 'failing',
      detail,
      instructions: [action],
      copy: { value: 'bot@project.iam.gserviceaccount.com' },
    },
    telegram: { state: 'optional' },
    'first-order': { state: 'todo' },
  });
});

test('pushes with an invalid signature are distinguished from none', () => {
  expect(stepsOf({ hasPush: false, rejected: 3 })).toMatchObject({ 'push-url': { state: 'failing' } });
});

test('a shop whose authorization ended is no longer connected', () => {
  expect(stepsOf({ shops: [{ ...shop, state: 'revoked' }] })).toMatchObject({
    shop: { state: 'failing', detail: 'Shop 700000001 is disconnected.' },
  });
});

test('without a worker the sheet is not known, and nobody is asked to share it', () => {
  expect(stepsOf({ worker: { ...worker, reachable: false }, hasOrder: false })).toMatchObject({
    done: false,
    sheet: {
      state: 'failing',
      detail: 'The worker is unreachable.',
      instructions: ['Start the worker and check FORWARD_WEBHOOK_URL.'],
    },
  });
});

const unavailable = {
  status: 'failing' as const,
  detail: '1AbC: Redis, which keeps the sheet’s lock, does not answer',
};

test('a temporary outage is no reason to share the sheet', () => {
  expect(stepsOf({ worker: { ...worker, checks: { 'google-sheets': unavailable } }, hasOrder: false })).toMatchObject({
    sheet: {
      state: 'failing',
      detail: unavailable.detail,
      instructions: ['Temporary; retried automatically.'],
      copy: null,
    },
  });
});

test.each([
  ['Redis', { ...worker, checks: { 'google-sheets': unavailable } }],
  ['the worker', { ...worker, reachable: false, checks: {} }],
])('what was set up stays so while %s is unavailable', (_upstream, view) => {
  expect(stepsOf({ worker: view })).toMatchObject({ done: true, sheet: { state: 'done', instructions: [] } });
});
