/** The frame of every page: its title, what to do when there is nothing, and what went wrong in words. */
import { Anchor, Button, Skeleton } from '@mantine/core';
import { useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { Link } from 'react-router';
import { ApiError } from '../api/client';
import { ago, left } from './words';
import { defused } from './shown';

export function Page({ title, shown, aside, lead, children }: { title: string; shown?: ReactNode; aside?: ReactNode; lead?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${defused(title)} · tlsfleet`;
  }, [title]);
  return (
    <article className="page">
      <header className="page-head">
        <div>
          <h1>{shown ?? title}</h1>
          {lead ? <div className="lead">{lead}</div> : null}
        </div>
        {aside ? <div className="page-aside">{aside}</div> : null}
      </header>
      {children}
    </article>
  );
}

export function Panel({ title, id, aside, children, className }: { title?: ReactNode; id?: string; aside?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={`panel${className ? ` ${className}` : ''}`} id={id}>
      {title ? (
        <header>
          <h2>{title}</h2>
          {aside}
        </header>
      ) : null}
      {children}
    </section>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty" role="status">
      <strong>{title}</strong>
      {children ? <div>{children}</div> : null}
    </div>
  );
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const absent = error instanceof ApiError && error.absent;
  const status = error instanceof ApiError ? error.status : undefined;
  // the server names what it lacks: a route by its path, all else by its kind
  const nothing = status === 404 && error instanceof Error && /^(there is no [^/]|no certificate|no policy)/.test(error.message);
  const title =
    status === 0 ? 'The server does not answer' : status === 403 ? 'Your token does not allow this' : nothing ? 'Nothing is here any more' : absent ? 'This server does not offer this' : 'This could not be loaded';
  return (
    <div className="empty failure" role="alert">
      <strong>{title}</strong>
      <div>{defused(error instanceof Error ? error.message : String(error))}</div>
      {retry ? (
        <Button size="compact-sm" variant="default" onClick={retry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

interface Asked<T> {
  data?: T;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Waiting, failed or there: the three states that every answer has. */
export function Answer<T>({ of, lines = 6, children }: { of: Asked<T>; lines?: number; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) return <Failure error={of.error} retry={() => void of.refetch()} />;
  return (
    <div aria-busy="true" aria-label="loading" className="waiting">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={14} width={`${92 - ((line * 17) % 40)}%`} />
      ))}
    </div>
  );
}

// One clock for every "2 min ago" on the page: it moves every ten seconds, and stands still between.
let clock = Date.now();
const watchers = new Set<() => void>();
setInterval(() => {
  clock = Date.now();
  watchers.forEach((watcher) => watcher());
}, 10_000);

export function useNow(): number {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => clock,
  );
}

/** A past or coming moment; the exact time stands in the tooltip and for machines. */
export function Moment({ at }: { at?: string | null }) {
  const now = useNow();
  if (!at) return <span className="quiet">never</span>;
  return (
    <time dateTime={at} title={at}>
      {ago(at, Math.max(now, 0))}
    </time>
  );
}

export function Left({ notAfter }: { notAfter?: string | null }) {
  const now = useNow();
  if (!notAfter) return <span className="quiet">–</span>;
  return (
    <time dateTime={notAfter} title={notAfter}>
      {left(notAfter, now)}
    </time>
  );
}

export function To({ to, children, className }: { to: string; children: ReactNode; className?: string }) {
  return (
    <Anchor component={Link} to={to} className={className}>
      {children}
    </Anchor>
  );
}

/** A filtered list as an address: what every mark on the overview links to. */
export function listOf(page: string, filter: Record<string, string | readonly string[] | undefined | null>): string {
  const parameters = new URLSearchParams();
  for (const [key, values] of Object.entries(filter)) for (const value of [values ?? []].flat()) if (value) parameters.append(key, value);
  const text = parameters.toString();
  return text ? `${page}?${text}` : page;
}
