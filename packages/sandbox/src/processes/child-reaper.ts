import { spawn, type ChildProcess } from 'node:child_process';

// Reads "+ pid" and "- pid". At the end of its input, which comes however the process that writes it dies, what is left
// gets SIGTERM and, when it does not go, SIGKILL.
const script = `
pids=""
while read -r sign pid; do
  case "$sign" in
    +) pids="$pids $pid" ;;
    -) rest=""; for one in $pids; do [ "$one" = "$pid" ] || rest="$rest $one"; done; pids="$rest" ;;
  esac
done
[ -n "$pids" ] || exit 0
kill -TERM $pids 2>/dev/null
sleep 15
kill -KILL $pids 2>/dev/null
`;

/**
 * Ends the processes it watches when this process is gone without having stopped them, be it by kill −9: a redis-server
 * that nobody knows of any more must not keep writing into a folder that the next start uses.
 */
export class ChildReaper {
  readonly #shell: ChildProcess;

  constructor() {
    this.#shell = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.#shell.unref();
    // A reaper that was killed guards nothing, but it must not take us along.
    this.#shell.stdin?.on('error', (error) => process.emitWarning(`the child reaper is gone: ${error.message}`));
  }

  watch(child: ChildProcess): void {
    const { pid } = child;
    if (pid === undefined) return;
    this.#shell.stdin?.write(`+ ${pid}\n`);
    child.once('exit', () => {
      if (this.#shell.stdin?.writable === true) this.#shell.stdin.write(`- ${pid}\n`);
    });
  }

  /** After everything it watched has ended. */
  close(): void {
    this.#shell.stdin?.end();
  }
}
