import { HealthChecks } from '@shopee-webhook/runtime';
import type { ActiveAlert } from '@shopee-webhook/store';
import { expect, test } from 'vitest';
import { registerAlerts } from './health-checks.ts';

test('rejected pushes fail the health check, other alerts are a warning, and neither says that the service cannot work', () => {
  const health = new HealthChecks();
  health.register('spool', () => ({ status: 'ok' }), { isRequired: true });
  let active: ActiveAlert[] = [];
  registerAlerts(health, { active: () => active });
  expect(health.report().status).toBe('ok');
  const alert = { severity: 'warning', title: 'Title', text: 'Check the key.', since: 0 } as const;
  active = [{ ...alert, key: 'dead-letters' }];
  expect(health.report()).toMatchObject({ status: 'ok', checks: { alerts: { status: 'warning', detail: 'Title' } } });
  active = [{ ...alert, key: 'pushes-rejected' }];
  expect(health.report()).toMatchObject({
    status: 'degraded',
    checks: { pushes: { status: 'failing', detail: 'Check the key.' }, alerts: { status: 'ok' } },
  });
  expect(health.isReady()).toBe(true);
});
