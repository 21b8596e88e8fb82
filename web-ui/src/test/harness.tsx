/** A page in a browser that is not there: its own query cache, and a server whose answers the test writes down. */
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { MemoryRouter, useLocation } from 'react-router';
import { vi } from 'vitest';
import { queryClient } from '../api/queries';

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}
type Answer = unknown | ((call: Call) => unknown);

export class Refusal {
  constructor(
    readonly status: number,
    readonly problem: object,
  ) {}
}

/** Answers by "METHOD /path" below /api/v1; anything else is a 404, as from an older server. */
export function server(answers: Record<string, Answer>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal('fetch', async (input: string, init: RequestInit = {}) => {
    const url = new URL(input, 'http://localhost');
    const call: Call = { method: init.method ?? 'GET', path: url.pathname.replace('/api/v1', ''), query: url.searchParams, body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined };
    calls.push(call);
    const answer = answers[`${call.method} ${call.path}`];
    const value = await (typeof answer === 'function' ? (answer as (call: Call) => unknown)(call) : answer);
    if (value === undefined) return new Response(JSON.stringify({ title: 'Not Found', detail: 'no such route' }), { status: 404 });
    if (value instanceof Refusal) return new Response(JSON.stringify(value.problem), { status: value.status });
    return new Response(JSON.stringify(value), { status: 200 });
  });
  return calls;
}

function Where() {
  const { pathname, search } = useLocation();
  return <output data-testid="where">{pathname + search}</output>;
}

export function show(page: ReactNode, at = '/') {
  queryClient.clear();
  return render(
    <MantineProvider env="test">
      <QueryClientProvider client={queryClient}>
        <MemoryRouter initialEntries={[at]}>
          {page}
          <Where />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
}
