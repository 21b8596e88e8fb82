/** The questions the pages ask, each with the key under which its answer is kept. */
import { keepPreviousData, QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, ApiError, type Query } from './client';

import type { AlertDetail, AlertingFile, Endpoint, Id, Listed, Progress, Report, Session, Summary } from './shapes';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});

export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => api.get<Session>('/session', undefined, signal),
    retry: false,
    staleTime: 60_000,
    // a server that is away comes back without a click
    refetchInterval: ({ state }) => (state.error instanceof ApiError && (state.error.status === 0 || state.error.status >= 500) ? 3_000 : false),
  });
}

export function useSummary() {
  return useQuery({
    queryKey: ['summary'],
    queryFn: ({ signal }) => api.get<Summary>('/summary', undefined, signal),
    refetchInterval: 30_000,
  });
}

/** How far the scanning of the last day is. */
export function useProgress() {
  return useQuery({
    queryKey: ['progress'],
    queryFn: ({ signal }) => api.get<Progress>('/progress', undefined, signal),
    refetchInterval: 5_000,
  });
}

/** One page-wise list. The filter is part of the key, so going back shows what was there. */
export function useList<T>(path: string, filter: Query = {}, limit = 100) {
  return useInfiniteQuery({
    queryKey: ['list', path, filter],
    queryFn: ({ pageParam, signal }) => api.get<Listed<T>>(path, { ...filter, limit, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** A short list that fits one page. */
export function useAll<T>(path: string, filter: Query = {}) {
  return useQuery({
    queryKey: ['list', path, filter],
    queryFn: async ({ signal }) => {
      const answer = await api.get<Listed<T> | T[]>(path, filter, signal);
      return Array.isArray(answer) ? answer : answer.items;
    },
  });
}

export function useAlertingFile() {
  return useQuery({ queryKey: ['list', '/alerting-file'], queryFn: ({ signal }) => api.get<AlertingFile>('/alerting-file', undefined, signal), refetchInterval: 30_000 });
}

export function useAlert(id: Id) {
  return useQuery({ queryKey: ['alert', String(id)], queryFn: ({ signal }) => api.get<AlertDetail>(`/alerts/${id}`, undefined, signal) });
}

export function useEndpoint(id: Id) {
  return useQuery({ queryKey: ['endpoint', String(id)], queryFn: ({ signal }) => api.get<Endpoint>(`/endpoints/${id}`, undefined, signal) });
}

export function useReport(id: Id, query: Query = {}, enabled = true) {
  return useQuery({
    queryKey: ['report', String(id), query],
    queryFn: ({ signal }) => api.get<Report>(`/endpoints/${id}/report`, query, signal),
    enabled,
  });
}

/** Everything that may differ after a scan, a finding or a change. */
export function refreshEndpoint(id: Id) {
  void queryClient.invalidateQueries({ queryKey: ['endpoint', String(id)] });
  void queryClient.invalidateQueries({ queryKey: ['report', String(id)] });
  for (const part of ['history', 'changes']) void queryClient.invalidateQueries({ queryKey: ['list', `/endpoints/${id}/${part}`] });
}
