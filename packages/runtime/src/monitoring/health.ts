import { systemClock } from '../clock/clock.ts';

/** What a check says now. It answers from what it already knows: no check makes a call when it is asked. */
export type HealthState =
  | { status: 'ok'; detail?: string }
  /** Worth a look, but the service does its work: does not turn /health to 503. */
  | { status: 'warning'; detail: string; action?: string }
  | { status: 'failing'; detail: string; action?: string };

export interface HealthCheckReport {
  status: HealthState['status'];
  /** When it came to this status, ISO 8601. */
  since: string;
  detail?: string;
  /** What the operator does about it. */
  action?: string;
}

export interface HealthReport {
  /** `degraded`: something fails, and the service does its work all the same. */
  status: 'ok' | 'degraded' | 'failing';
  checks: Record<string, HealthCheckReport>;
}

/** The named checks behind GET /health. */
export class HealthChecks {
  readonly #checks = new Map<string, { check: () => HealthState; isRequired: boolean }>();
  readonly #since = new Map<string, { status: HealthState['status']; at: string }>();
  readonly #now: () => number;

  constructor(options: { now?: () => number } = {}) {
    this.#now = options.now ?? systemClock.wallMs;
  }

  /** `isRequired`: the service cannot do its work while the check fails. */
  register(name: string, check: () => HealthState, { isRequired = false }: { isRequired?: boolean } = {}): void {
    this.#checks.set(name, { check, isRequired });
  }

  /** Whether the service can do its work: no required check fails. */
  isReady(): boolean {
    return [...this.#checks.values()].every(
      ({ check, isRequired }) => !isRequired || runCheck(check).status !== 'failing',
    );
  }

  /** Runs every check. `failing` when a required one fails, or one fails and none is required. */
  report(): HealthReport {
    const checks: Record<string, HealthCheckReport> = {};
    for (const [name, { check }] of this.#checks) {
      const state = runCheck(check);
      checks[name] = { ...state, since: this.#getSince(name, state.status) };
    }
    const failing = Object.values(checks).some((check) => check.status === 'failing');
    const isDegraded = [...this.#checks.values()].some(({ isRequired }) => isRequired) && this.isReady();
    return { status: failing ? (isDegraded ? 'degraded' : 'failing') : 'ok', checks };
  }

  /** Looks every few seconds until stopped, so that "since" is when it began and not when somebody first asked. */
  startPolling(): () => void {
    const check = () => void this.report();
    check();
    const timer = setInterval(check, pollMs);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** The moment when this status was first seen. */
  #getSince(name: string, status: HealthState['status']): string {
    const known = this.#since.get(name);
    if (known?.status === status) return known.at;
    const at = new Date(this.#now()).toISOString();
    this.#since.set(name, { status, at });
    return at;
  }
}

const pollMs = 5_000;

/** A check that throws is a failing one: the rest of the report is still worth having. */
function runCheck(check: () => HealthState): HealthState {
  try {
    return check();
  } catch (error) {
    return {
      status: 'failing',
      detail: `the check itself failed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
