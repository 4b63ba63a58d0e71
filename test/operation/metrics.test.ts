import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSandbox, type Sandbox } from '../../packages/sandbox/src/index.ts';
import { hasPromtool, promtool } from './promtool.ts';

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; refId: string; datasource: { uid: string } }[];
}

interface Dashboard {
  title: string;
  uid: string;
  schemaVersion: number;
  templating: { list: { name: string; type: string; query: string }[] };
  panels: Panel[];
}

const docs = new URL('../../docs/', import.meta.url);
const alerts = new URL('alerts.yml', docs);
const dashboard = JSON.parse(readFileSync(new URL('grafana.json', docs), 'utf8')) as Dashboard;
const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

let sandbox: Sandbox;
const pages = { forwarder: '', worker: '' };

beforeAll(async () => {
  sandbox = await createSandbox({ shopee: { seed: 5 } });
  await sandbox.shopee.sendPushes(sandbox.shopee.orders.place(700_000_001));
  await vi.waitFor(
    async () => {
      await scrape();
      if (!/shopee_worker_deliveries_total\{outcome="ack"\} [1-9]/.test(pages.worker))
        throw new Error('not handled yet');
    },
    { timeout: 60_000, interval: 250 },
  );
}, 120_000);
afterAll(() => sandbox.stop());

async function scrape(): Promise<void> {
  for (const name of ['forwarder', 'worker'] as const) {
    pages[name] = await (await fetch(`${sandbox[name]?.url ?? ''}/metrics`)).text();
  }
}

/** Every name that a query may use: a histogram has three. */
function exportedNames(): Set<string> {
  const names = new Set(['up']);
  for (const [, name = '', type] of `${pages.forwarder}${pages.worker}`.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    for (const end of type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) names.add(`${name}${end}`);
  }
  return names;
}

function namesIn(expression: string): string[] {
  // Without what matchers compare with and what is grouped by, words that nobody calls are metrics.
  const bare = expression.replaceAll(
    /\{[^}]*\}|\[[^\]]*\]|\b(?:by|without)\s*\([^)]*\)|\b(?:or|and|unless)\b|"[^"]*"/g,
    ' ',
  );
  return [...bare.matchAll(/\b[a-z_:][\w:]*\b(?!\s*\()/gi)].map(([name]) => name);
}

describe('/metrics', () => {
  test.skipIf(!hasPromtool)("keeps Prometheus' conventions, on both services", () => {
    expect(promtool(['check', 'metrics'], pages.forwarder)).toBe('');
    expect(promtool(['check', 'metrics'], pages.worker)).toBe('');
  });

  test('exports all that an operator needs', () => {
    const names = exportedNames();
    for (const name of [
      'shopee_pushes_total',
      'shopee_push_response_seconds_bucket',
      'shopee_queue_messages',
      'shopee_queue_oldest_seconds',
      'shopee_breaker_open',
      'shopee_spool_events',
      'shopee_worker_batch_messages_bucket',
      'shopee_worker_stage_seconds_bucket',
      'shopee_worker_deliveries_total',
      'shopee_api_call_seconds_bucket',
      'shopee_sheets_call_seconds_bucket',
      'shopee_sheets_rows_total',
      'shopee_sheets_quota_requests_remaining',
      'shopee_telegram_messages_total',
      'shopee_telegram_delivery_seconds_bucket',
      'shopee_telegram_digests_total',
      'shopee_token_expiry_timestamp_seconds',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      expect(names).toContain(name);
    for (const stage of ['waited', 'fetched', 'written', 'handled'])
      expect(pages.worker).toMatch(new RegExp(`shopee_worker_stage_seconds_count\\{stage="${stage}"\\} [1-9]`));
    expect(pages.worker).toMatch(/shopee_token_expiry_timestamp_seconds\{shop="700000001",token="access"\} 1\d{9}/);
  });

  test('has few series, and no order or buyer in them', () => {
    for (const page of Object.values(pages)) {
      expect(page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length).toBeLessThan(1_000);
    }
    const [order] = sandbox.shopee.orders.records();
    expect(`${pages.forwarder}${pages.worker}`).not.toContain(order?.sn);
  });
});

describe('docs/alerts.yml', () => {
  test.skipIf(!hasPromtool)('is accepted by Prometheus', () => {
    expect(promtool(['check', 'rules', '--lint-fatal', alerts.pathname])).toBe('');
  });

  test('uses metrics that exist', () => {
    const rules = [...readFileSync(alerts, 'utf8').matchAll(/^\s+expr: (.+)$/gm)].map(([, expr = '']) => expr);
    expect(rules.length).toBeGreaterThan(9);
    const names = exportedNames();
    for (const expr of rules) for (const name of namesIn(expr)) expect([expr, names.has(name)]).toEqual([expr, true]);
  });
});

describe('docs/grafana.json', () => {
  test('uses metrics that exist', () => {
    expect(expressions.length).toBeGreaterThan(30);
    const names = exportedNames();
    for (const expr of expressions)
      for (const name of namesIn(expr)) expect([expr, names.has(name)]).toEqual([expr, true]);
  });

  test.skipIf(!hasPromtool)('has queries that Prometheus understands', () => {
    const dir = mkdtempSync(join(tmpdir(), 'shopee-webhook-rules-'));
    const file = join(dir, 'queries.json');
    const rules = expressions.map((expr, index) => ({
      record: `query:${String(index)}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }));
    // YAML takes JSON.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(promtool(['check', 'rules', file])).toBe('');
    rmSync(dir, { recursive: true });
  });

  test('is a dashboard: panels of known kinds that do not overlap, a data source to choose', () => {
    expect(dashboard).toMatchObject({ title: 'Shopee webhook', uid: 'shopee-webhook', schemaVersion: 39 });
    expect(dashboard.templating.list).toMatchObject([{ name: 'datasource', type: 'datasource', query: 'prometheus' }]);
    const cells = new Set<string>();
    for (const { type, title, gridPos, targets = [] } of dashboard.panels) {
      expect(['row', 'stat', 'timeseries']).toContain(type);
      expect(title).not.toBe('');
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect([title, cells.has(`${x} ${y}`)]).toEqual([title, false]);
          cells.add(`${x} ${y}`);
        }
      }
      expect(targets.length === 0).toBe(type === 'row');
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      for (const { datasource } of targets) expect(datasource.uid).toBe('${datasource}');
    }
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});
