import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { LiveMessage, LiveActivity } from '@shopee-webhook/contracts/dashboard-api';
import { LiveStream, type LiveState } from './live-stream.ts';
import { overviewQuery, sessionQuery, taskQuery } from '../api/queries.ts';

type StepsListener = (steps: readonly LiveActivity[]) => void;

interface Live {
  state: LiveState;
  listeners: Set<StepsListener>;
}

const LiveContext = createContext<Live>({ state: 'connecting', listeners: new Set() });

/** Owns the page's one live stream and feeds its messages into the query cache. Closes it while the tab is hidden. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  const [listeners] = useState(() => new Set<StepsListener>());

  useEffect(() => {
    const stream = new LiveStream({
      onState: (next) => {
        setState(next);
        // The stream does not say why it ended; an expired session is one reason.
        if (next !== 'live') void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      },
      onMessage: (message) => dispatch(message, client, listeners),
      onResume: () => void client.invalidateQueries(),
    });
    const onVisibility = (): void => {
      if (document.visibilityState === 'hidden') stream.close();
      else stream.open();
    };
    onVisibility();
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      stream.close();
    };
  }, [client, listeners]);

  return <LiveContext value={useMemo(() => ({ state, listeners }), [state, listeners])}>{children}</LiveContext>;
}

/** Whether the shown data is live, and when it was last fresh. A failed refresh is not live either. */
export function useLiveState(): { state: LiveState; since: number } {
  const { state } = use(LiveContext);
  const { dataUpdatedAt, errorUpdatedAt } = useQuery(overviewQuery);
  const isFailing = errorUpdatedAt > dataUpdatedAt;
  return { state: state === 'live' && isFailing ? 'stale' : state, since: dataUpdatedAt };
}

/** Calls `onSteps` with new activity, at most 5 times a second. */
export function useLiveSteps(onSteps: StepsListener): void {
  const { listeners } = use(LiveContext);
  const latest = useRef(onSteps);
  useEffect(() => {
    latest.current = onSteps;
  });
  useEffect(() => {
    const listener: StepsListener = (steps) => latest.current(steps);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [listeners]);
}

/** Calls `refetch` right after a relevant step, and at most once per `everyMs`. */
export function useLiveRefetch(
  isRelevant: (step: LiveActivity) => boolean,
  refetch: () => unknown,
  everyMs = 700,
): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const calledAt = useRef(-Infinity);
  const latest = useRef(refetch);
  useEffect(() => {
    latest.current = refetch;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  useLiveSteps((steps) => {
    if (timer.current !== undefined || !steps.some(isRelevant)) return;
    timer.current = setTimeout(
      () => {
        timer.current = undefined;
        calledAt.current = performance.now();
        latest.current();
      },
      Math.max(0, calledAt.current + everyMs - performance.now()),
    );
  });
}

function dispatch(message: LiveMessage, client: QueryClient, listeners: ReadonlySet<StepsListener>): void {
  switch (message.kind) {
    case 'steps':
      for (const listener of listeners) listener(message.steps);
      return;
    case 'pulse':
      client.setQueryData(overviewQuery.queryKey, message.overview);
      return;
    case 'task':
      client.setQueryData(taskQuery(message.task.id).queryKey, message.task);
      return;
    case 'reset':
      void client.invalidateQueries();
  }
}
