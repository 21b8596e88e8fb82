/** What was sent, to whom, and what became of it. */
import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { api } from '../../api/client';
import { queryClient, useList } from '../../api/queries';
import type { Notification } from '../../api/shapes';
import { FilterBar, useFilter, type Field } from '../../parts/filters';
import { Mark, SeverityMark } from '../../parts/marks';
import { Answer, Empty, Moment, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { plural } from '../../parts/words';

const FIELDS: readonly Field[] = [
  { key: 'state', label: 'state', choices: ['pending', 'delivered', 'dead', 'superseded'] },
  { key: 'receiver', label: 'receiver' },
];
const STATES: Record<string, [shape: string, tone: string, words: string]> = {
  delivered: ['ok', 'good', 'delivered'],
  pending: ['dash', 'info', 'waiting'],
  dead: ['unreachable', 'high', 'given up'],
  superseded: ['dash', 'plain', 'overtaken by a newer one'],
};

const COLUMNS: Column<Notification>[] = [
  { id: 'at', header: 'When', cell: (row) => <Moment at={row.createdAt} /> },
  {
    id: 'title',
    header: 'Notice',
    cell: (row) => (
      <>
        <Shown>{row.title}</Shown>
        <div className="quiet">
          {row.kind}
          {row.severity ? (
            <>
              {' · '}
              <SeverityMark severity={row.severity} />
            </>
          ) : null}
        </div>
      </>
    ),
  },
  { id: 'to', header: 'To', cell: (row) => <Shown>{row.receiver}</Shown> },
  {
    id: 'state',
    header: 'What became of it',
    cell: (row) => {
      const [shape, tone, words] = STATES[row.state] ?? ['dash', 'plain', row.state];
      return (
        <>
          <span className={`severity tone-${tone}`}>
            <Mark shape={shape} tone={tone} />
            {words}
          </span>
          <div className="quiet">
            {row.attempts > 0 ? plural(row.attempts, 'attempt') : 'not tried yet'}
            {row.state === 'pending' && row.nextAttemptAt ? (
              <>
                , next <Moment at={row.nextAttemptAt} />
              </>
            ) : null}
            {row.lastError ? (
              <>
                {' · '}
                <Shown>{row.lastError}</Shown>
              </>
            ) : null}
          </div>
        </>
      );
    },
  },
  {
    id: 'again',
    header: '',
    cell: (row) =>
      row.state === 'dead' ? (
        <Button variant="default" size="compact-sm" onClick={() => void api.post(`/notifications/${row.id}/replay`).then(() => queryClient.invalidateQueries({ queryKey: ['list'] }))}>
          Send again
        </Button>
      ) : null,
  },
];

export function Log() {
  const filter = useFilter(FIELDS, []);
  const list = useList<Notification>('/notifications', filter.values);
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  return (
    <>
      <FilterBar filter={filter} fields={FIELDS} />
      <Panel>
        <Answer of={list}>
          {() => (
            <DataTable
              name="notifications"
              columns={COLUMNS}
              rows={rows}
              rowKey={(row) => String(row.id)}
              more={{ has: list.hasNextPage, loading: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
              empty={<Empty title="Nothing was sent yet." />}
            />
          )}
        </Answer>
      </Panel>
    </>
  );
}
