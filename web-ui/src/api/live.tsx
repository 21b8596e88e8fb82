/**
 * Server-sent events, once per tab. A burst of events (a fleet being scanned) is gathered and the lists are asked again
 * at most every two seconds; who watches one endpoint hears each event at once. A lost stream is opened again by the
 * browser, and after every gap everything in sight is asked anew.
 */
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { address } from './client';
import { queryClient, refreshEndpoint } from './queries';

export type LiveKind = 'scan' | 'finding' | 'change' | 'notification';
export interface LiveEvent {
  kind: LiveKind;
  endpointId?: string;
  phase?: string;
  data: Record<string, unknown>;
}
type Listener = (event: LiveEvent) => void;
export type LiveState = 'connecting' | 'live' | 'lost';

interface Live {
  state: LiveState;
  listen: (listener: Listener) => () => void;
}

const LiveContext = createContext<Live>({ state: 'connecting', listen: () => () => undefined });
const KINDS: LiveKind[] = ['scan', 'finding', 'change', 'notification'];
const GATHER_MILLIS = 2_000;

export function LiveProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<LiveState>('connecting');
  const listeners = useRef(new Set<Listener>());

  useEffect(() => {
    if (typeof EventSource === 'undefined') return undefined;
    const source = new EventSource(address('/events'), { withCredentials: true });
    let wasLost = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const touched = new Set<string>();

    const gather = (endpointId?: string) => {
      if (endpointId) touched.add(endpointId);
      timer ??= setTimeout(() => {
        timer = undefined;
        void queryClient.invalidateQueries({ queryKey: ['summary'] });
        void queryClient.invalidateQueries({ queryKey: ['list'], refetchType: 'active' });
        touched.forEach((id) => refreshEndpoint(id));
        touched.clear();
      }, GATHER_MILLIS);
    };
    const receive = (kind: LiveKind) => (message: MessageEvent<string>) => {
      const data = parse(message.data);
      const endpointId = data.endpointId === undefined || data.endpointId === null ? undefined : String(data.endpointId);
      const event: LiveEvent = { kind, endpointId, phase: typeof data.phase === 'string' ? data.phase : undefined, data };
      listeners.current.forEach((listener) => listener(event));
      if (kind !== 'scan' || event.phase === undefined || event.phase === 'finished') gather(endpointId);
    };
    KINDS.forEach((kind) => source.addEventListener(kind, receive(kind)));
    source.onopen = () => {
      setState('live');
      if (wasLost) void queryClient.invalidateQueries();
      wasLost = false;
    };
    source.onerror = () => {
      wasLost = true;
      setState('lost');
    };
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, []);

  const value = useMemo<Live>(
    () => ({
      state,
      listen: (listener) => {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [state],
  );
  return <LiveContext value={value}>{children}</LiveContext>;
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function useLiveState(): LiveState {
  return useContext(LiveContext).state;
}

/** Calls back for every event, with the latest closure. */
export function useLive(listener: Listener) {
  const { listen } = useContext(LiveContext);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => listen((event) => latest.current(event)), [listen]);
}
