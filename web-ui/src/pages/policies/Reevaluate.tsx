/** Judging all that is stored again, and how far that is. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client';
import { queryClient } from '../../api/queries';
import type { Reevaluation } from '../../api/shapes';
import { Moment, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { plural } from '../../parts/words';

const UNDER_WAY = ['waiting', 'running'];

export function Reevaluate() {
  const [error, setError] = useState<string>();
  const last = useQuery({
    queryKey: ['reevaluate'],
    queryFn: ({ signal }) => api.get<Reevaluation>('/reevaluate', undefined, signal),
    refetchInterval: (query) => (UNDER_WAY.includes(query.state.data?.state ?? '') ? 1_000 : false),
  });
  const state = last.data;
  const running = UNDER_WAY.includes(state?.state ?? '');
  const begin = async () => {
    setError(undefined);
    try {
      queryClient.setQueryData(['reevaluate'], await api.post<Reevaluation>('/reevaluate'));
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };
  return (
    <Panel
      title="Judge again"
      id="reevaluate"
      aside={
        <Button size="compact-sm" variant="default" loading={running} onClick={() => void begin()}>
          Judge everything again
        </Button>
      }
    >
      {error ? (
        <p role="alert" className="severity tone-critical">
          {error}
        </p>
      ) : null}
      {running ? (
        <div role="status">
          <progress max={Math.max(1, state?.total ?? 1)} value={state?.done ?? 0} style={{ width: '100%' }} />
          <p className="quiet">
            {state?.done} of {plural(state?.total ?? 0, 'endpoint')} judged; {state?.opened ?? 0} findings opened, {state?.resolved ?? 0} resolved
          </p>
        </div>
      ) : state?.state === 'done' ? (
        <p className="quiet">
          Last <Moment at={state.finishedAt} /> by <Shown>{state.requestedBy ?? ''}</Shown>: {plural(state.done, 'endpoint')}, {state.opened ?? 0} findings opened, {state.resolved ?? 0} resolved
          {state.failed ? `, ${state.failed} could not be judged` : ''}.
        </p>
      ) : (
        <p className="quiet">Needed after a policy or the rules changed; nothing is scanned.</p>
      )}
    </Panel>
  );
}
