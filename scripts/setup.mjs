// What `npm start` and `npm test` need before the project itself can run, on any Node ≥ 18 and with nothing installed:
// pnpm (through npx, pinned in package.json), the dependencies, Node 24 (one of them), the dashboard, redis-server.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');

/** Node 24, from the npm package `node`. */
export const node24 = join(bin, 'node');

/** Prints one line of progress, so that a first start that takes a minute does not look dead. */
export function say(text) {
  process.stderr.write(`shopee-webhook: ${text}\n`);
}

/** Ends the process with a message that says what to do. */
export function fail(text) {
  say(text);
  process.exit(1);
}

/** Installs the locked dependencies, unless this lockfile is installed already. */
export function installDependencies() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 18) fail(`Node ${process.versions.node} is too old: install Node 18 or newer`);
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.installed-lockfile');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('installing the dependencies (once; about half a minute)');
  if (pnpm(['install', '--frozen-lockfile']) !== 0) {
    fail('the dependencies could not be installed: see the lines above; the npm registry must be reachable');
  }
  writeFileSync(stamp, lock);
}

/** Builds the browser app when it was never built or its sources are newer. */
export function buildDashboard() {
  const folder = join(root, 'packages', 'dashboard');
  const built = join(folder, 'dist', 'index.html');
  if (!existsSync(join(folder, 'index.html'))) return;
  if (existsSync(built) && statSync(built).mtimeMs >= newest(join(folder, 'src'))) return;
  say('building the dashboard');
  if (pnpm(['--filter', '@shopee-webhook/dashboard', 'run', 'build']) !== 0) fail('the dashboard could not be built');
}

/** True when a redis-server or valkey-server is on the PATH; tries apt first where that needs nobody's consent (root on Debian or Ubuntu). */
export function ensureRedis() {
  if (hasRedis()) return true;
  if (process.env.REDIS_SERVER)
    fail(`REDIS_SERVER=${process.env.REDIS_SERVER} does not run: name a redis-server or valkey-server`);
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say('installing redis-server with apt (once)');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('sh', ['-c', 'apt-get update -qq && apt-get install -y -qq redis-server'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return hasRedis();
}

/** How a person gets redis-server on this system. */
export function redisHint() {
  if (process.platform === 'darwin') return 'brew install redis';
  if (process.platform === 'win32') return 'sudo apt-get install redis-server, inside WSL (wsl --install)';
  if (existsSync('/usr/bin/dnf')) return 'sudo dnf install redis';
  if (existsSync('/sbin/apk')) return 'sudo apk add redis';
  if (existsSync('/usr/bin/pacman')) return 'sudo pacman -S valkey';
  return 'sudo apt-get install redis-server';
}

function hasRedis() {
  const { REDIS_SERVER: named } = process.env;
  const programs = named ? [named] : ['redis-server', 'valkey-server'];
  return programs.some((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0);
}

function pnpm(args) {
  const { config } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const env = { ...process.env, CI: 'true', PATH: `${bin}:${process.env.PATH}` };
  const child = spawnSync('npx', ['--yes', config.pnpm, ...args], { cwd: root, env, encoding: 'utf8' });
  if (child.status !== 0) process.stderr.write(`${child.stdout}${child.stderr}`);
  return child.status;
}

/** When the newest file below a folder was changed, ms. */
function newest(folder) {
  const times = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
  });
  return Math.max(0, ...times);
}
