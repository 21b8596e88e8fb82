/** What became different, newest first. */
import { useMemo } from 'react';
import { useList } from '../../api/queries';
import type { Change } from '../../api/shapes';
import { FilterBar, useFilter, type Field } from '../../parts/filters';
import { Mark } from '../../parts/marks';
import { Answer, Empty, Moment, Page, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { Side } from '../endpoint/History';

const FIELDS: readonly Field[] = [
  { key: 'kind', label: 'kind', choices: ['protocol', 'suite', 'order', 'group', 'certificate', 'chain', 'staple', 'fingerprint', 'address', 'outcome'] },
  { key: 'owner', label: 'owner' },
];

/** Of "protocol TLSv1.3: refused, was accepted" what stands before both sides, which have columns of their own. */
function subject(row: Change): string {
  const end = row.before || row.after ? row.title.indexOf(': ') : -1;
  return end < 0 ? row.title : row.title.slice(0, end);
}

const COLUMNS: Column<Change>[] = [
  { id: 'at', header: 'When', cell: (row) => <Moment at={row.at} /> },
  {
    id: 'endpoint',
    header: 'Endpoint',
    cell: (row) => (
      <To to={`/endpoints/${row.endpointId}#history`}>
        <Shown>{row.endpoint}</Shown>
      </To>
    ),
  },
  {
    id: 'title',
    header: 'What',
    cell: (row) => (
      <>
        <span className="narrow-only">
          <Shown>{row.title}</Shown>
        </span>
        <span className="wide-only">
          <Shown>{subject(row)}</Shown>
        </span>
        {row.weaker ? (
          <span className="severity tone-high">
            {' '}
            <Mark shape="high" /> weaker than before
          </span>
        ) : null}
      </>
    ),
  },
  { id: 'before', header: 'Before', wide: true, cell: (row) => <Side className="before" value={row.before} /> },
  { id: 'after', header: 'After', wide: true, cell: (row) => <Side className="after" value={row.after} /> },
];

export function Changes() {
  const filter = useFilter(FIELDS, ['q']);
  const list = useList<Change>('/changes', filter.values);
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  return (
    <Page title="Changes" lead="Balancers that alternate between known settings, and rotating addresses, are no change.">
      <FilterBar filter={filter} fields={FIELDS} placeholder="endpoint" />
      <Panel>
        <Answer of={list}>
          {() => (
            <div className="diff-table">
              <DataTable
                name="changes"
                columns={COLUMNS}
                rows={rows}
                rowKey={(row) => String(row.id)}
                more={{ has: list.hasNextPage, loading: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
                empty={<Empty title="Nothing has changed.">The first scan of an endpoint is the point from which changes count.</Empty>}
              />
            </div>
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
