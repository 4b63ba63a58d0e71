import type { Logger } from '@shopee-webhook/runtime';
import type { ForwarderConfig } from './config.ts';
import { Login } from './dashboard/login.ts';
import type { DashboardParts } from './dashboard/plugin.ts';

const version = '0.1.0';

/** Wires what the dashboard stands on. */
export function createDashboard(parts: {
  config: ForwarderConfig;
  logger: Logger;
  appDir: string | undefined;
}): DashboardParts {
  const { config, appDir } = parts;
  const logger = parts.logger.child({ part: 'dashboard' });
  const login = new Login({ dataDir: config.dataDir, password: config.dashboard.password, logger });
  return { login, publicUrl: config.publicUrl, version, appDir };
}
