import { configOrExit, createLogger, runService } from '@shopee-webhook/runtime';
import { loadConfig } from './config.ts';
import { createWorker } from './worker.ts';

const config = configOrExit(() => loadConfig(process.env));
const logger = createLogger({
  name: 'worker',
  level: config.logLevel,
  secrets: [
    config.partner.key,
    config.seed?.accessToken,
    config.seed?.refreshToken,
    config.redis?.address.password,
    config.sheets.account.privateKey,
  ],
});

await runService(async () => {
  const worker = await createWorker(config, { logger });
  await worker.start();
  return worker;
}, logger);
