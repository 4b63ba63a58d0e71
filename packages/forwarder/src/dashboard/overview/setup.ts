import type { WorkerSettings } from '@shopee-webhook/contracts/worker-rpc';
import type { ShopTokens } from '@shopee-webhook/store';
import type { NotifierStatus } from '@shopee-webhook/notifier';
import type { Setup, SetupStep } from '@shopee-webhook/contracts/dashboard-api';
import type { WorkerView } from '../workers/worker-monitor.ts';

export interface SetupInputs {
  /** WEBHOOK_URL, else derived from PUBLIC_URL. */
  callbackUrl: string | undefined;
  hasPush: boolean;
  rejected: number;
  shops: readonly ShopTokens[];
  /** Why no shop can be connected in the browser. */
  connectHint: string | undefined;
  worker: WorkerView;
  settings: WorkerSettings | undefined;
  notifier: NotifierStatus;
  hasOrder: boolean;
}

/** The setup steps up to the first row, in order. */
export function buildSetup(inputs: SetupInputs): Setup {
  const steps = [pushStep(inputs), shopStep(inputs), sheetStep(inputs), telegramStep(inputs), orderStep(inputs)];
  return { done: steps.every(({ state }) => state === 'done' || state === 'optional'), steps };
}

function step(
  id: SetupStep['id'],
  title: string,
  more: Pick<SetupStep, 'state' | 'detail'> & Partial<SetupStep>,
): SetupStep {
  return { id, title, instructions: [], copy: null, ...more };
}

function pushStep({ hasPush, rejected, callbackUrl }: SetupInputs): SetupStep {
  const title = 'Receive pushes from Shopee';
  if (hasPush) return step('push-url', title, { state: 'done', detail: 'Pushes arrive with a valid signature.' });
  const copy = callbackUrl === undefined ? null : { label: 'Callback URL', value: callbackUrl };
  const instructions = [
    'Open your app in the console of Shopee Open Platform and go to Push Mechanism.',
    'Enter the callback URL and press Verify: this server responds.',
    'Enable at least Order Status Push and Order Tracking Number Push.',
    'Copy the Live Push Partner Key from that page into WEBHOOK_PARTNER_KEY and restart the forwarder.',
  ];
  if (rejected === 0)
    return step('push-url', title, { state: 'todo', detail: 'No push received yet.', instructions, copy });
  const detail = 'Pushes arrive, but their signature is invalid: see the page Rejected for what was tried.';
  return step('push-url', title, { state: 'failing', detail, instructions, copy });
}

function shopStep({ shops, connectHint }: SetupInputs): SetupStep {
  const title = 'Connect your shop';
  const active = shops.filter(({ state }) => state === 'active');
  if (active.length > 0) {
    const names = active.map(({ shopName, shopId }) => shopName ?? shopId).join(', ');
    return step('shop', title, { state: 'done', detail: `Connected: ${names}.` });
  }
  const instructions =
    connectHint === undefined
      ? ['Go to Shops, press Connect, and log in to Shopee with the shop’s main account.']
      : [connectHint, 'Or set SHOP_ID, ACCESS_TOKEN and REFRESH_TOKEN in the environment.'];
  const [disconnected] = shops;
  if (disconnected === undefined)
    return step('shop', title, { state: 'todo', detail: 'No shop is connected.', instructions });
  return step('shop', title, {
    state: 'failing',
    detail: `Shop ${disconnected.shopId} is disconnected.`,
    instructions,
  });
}

const sharingInstructions = [
  'Open the spreadsheet, press Share, and add the service account as an editor.',
  'Check that SPREADSHEET_ID is the part of its address between /d/ and /edit.',
];

function sheetStep({ worker, settings, hasOrder }: SetupInputs): SetupStep {
  const title = 'Share your Google sheet';
  // After the first row, a failure is an outage, which alerts report.
  if (hasOrder) return step('sheet', title, { state: 'done', detail: 'Rows have been written.' });
  if (!worker.reachable) {
    const instructions = ['Start the worker and check FORWARD_WEBHOOK_URL.'];
    return step('sheet', title, { state: 'failing', detail: 'The worker is unreachable.', instructions });
  }
  const check = worker.checks['google-sheets'];
  if (check?.status === 'ok') return step('sheet', title, { state: 'done', detail: 'The sheet is writable.' });
  if (check?.status === 'failing' && check.action === undefined) {
    const instructions = ['Temporary; retried automatically.'];
    return step('sheet', title, {
      state: 'failing',
      detail: check.detail ?? 'Not writable now.',
      instructions,
    });
  }
  const account = settings?.serviceAccount;
  return step('sheet', title, {
    state: check?.status === 'failing' ? 'failing' : 'todo',
    detail: check?.detail ?? 'Not checked yet.',
    // The worker knows Google's error: not shared, no such spreadsheet, the API disabled …
    instructions: check?.action === undefined ? sharingInstructions : [check.action],
    copy: account === undefined ? null : { label: 'Service account', value: account },
  });
}

function telegramStep({ notifier }: SetupInputs): SetupStep {
  const title = 'Get alerts on Telegram';
  const instructions = [
    'Create a bot with @BotFather and put its token into TELEGRAM_BOT_TOKEN.',
    'Create a group with topics, add the bot as an administrator who may manage topics, and put the group’s id into TELEGRAM_CHAT_ID.',
    'Restart the forwarder, then send a test message from Configuration.',
  ];
  if (!notifier.enabled)
    return step('telegram', title, { state: 'optional', detail: 'No bot configured.', instructions });
  const unreachable = notifier.chats.find(({ state }) => state === 'unreachable');
  if (unreachable === undefined) return step('telegram', title, { state: 'done', detail: 'The bot is configured.' });
  return step('telegram', title, {
    state: 'failing',
    detail: unreachable.detail ?? 'The chat is unreachable.',
    instructions,
  });
}

function orderStep({ hasOrder }: SetupInputs): SetupStep {
  const title = 'See the first order';
  if (hasOrder) return step('first-order', title, { state: 'done', detail: 'Orders are in the sheet.' });
  const instructions = ['Wait for an order, or import past ones with Jobs, Backfill.'];
  return step('first-order', title, { state: 'todo', detail: 'No order processed yet.', instructions });
}
