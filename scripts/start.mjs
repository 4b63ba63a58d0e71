// `npm start`: the whole product. Without a filled .env against the sandbox, with one against the real services.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildDashboard, ensureRedis, installDependencies, node24, redisHint, root, say } from './setup.mjs';

installDependencies();
buildDashboard();
if (!ensureRedis()) {
  say(`no redis-server: going on without it (REDIS_ENABLED=false); to have the durable queue: ${redisHint()}`);
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
