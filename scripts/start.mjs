// `npm start`: the whole product. Without a filled .env against the sandbox, with one against the real services.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildDashboard, ensureRedis, installDependencies, node24, redisHint, root, say } from './setup.mjs';

const usage = `npm start: the whole product, with a Redis of its own below data/. Ctrl-C stops it.

  without a filled .env   against the sandbox: fakes for Shopee, Google Sheets and Telegram, and buyers who order
  with a filled .env      against the real services
  npm start -- fakes  the fakes alone

Settings come from .env or the environment; the README has the list.
`;
const [what, ...more] = process.argv.slice(2);
if (what === '--help' || what === '-h') {
  process.stdout.write(usage);
  process.exit(0);
}
if ((what !== undefined && what !== 'fakes') || more.length > 0) {
  process.stderr.write(`npm start does not know "${[what, ...more].join(' ')}"\n\n${usage}`);
  process.exit(2);
}

installDependencies();
buildDashboard();
if (!ensureRedis()) {
  say(`no Redis: going on without it (REDIS_ENABLED=false); to have the durable queue: ${redisHint()}`);
  process.env.REDIS_ENABLED = 'false';
}

const args = [join(root, 'packages', 'sandbox', 'src', 'main.ts'), ...process.argv.slice(2)];
if (existsSync(join(root, '.env'))) args.unshift(`--env-file=${join(root, '.env')}`);
const env = { ...process.env, PATH: `${dirname(node24)}:${process.env.PATH}` };
const child = spawn(node24, args, { cwd: root, env, stdio: 'inherit' });
// Ctrl-C reaches the child by itself (same terminal); this process only waits for its orderly end.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
