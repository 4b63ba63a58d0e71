import type { EventStep } from '@shopee-webhook/contracts/dashboard-api';

/** One delivery of the message and its outcome. */
export interface Attempt {
  /** From 1. */
  number: number;
  at: number;
  outcome: 'running' | 'handled' | 'retried' | 'dead-lettered' | 'requeued';
  /** From take to outcome; null while it runs. */
  ms: number | null;
  reason: string | null;
  error: string | null;
}

const finalSteps = new Set(['handled', 'retried', 'dead-lettered', 'requeued']);

/** Groups an event's steps, oldest first, into attempts. */
export function toAttempts(steps: readonly EventStep[]): Attempt[] {
  const attempts: Attempt[] = [];
  for (const { step, at, reason, error } of steps) {
    if (step === 'taken') {
      attempts.push({ number: attempts.length + 1, at, outcome: 'running', ms: null, reason: null, error: null });
      continue;
    }
    const last = attempts.at(-1);
    if (last?.outcome !== 'running' || !finalSteps.has(step)) continue;
    attempts[attempts.length - 1] = { ...last, outcome: step as Attempt['outcome'], ms: at - last.at, reason, error };
  }
  return attempts;
}
