/** Servers that answer alike, most shared first; the odd ones out stand at the end of the list and are worth a look. */
import { SegmentedControl } from '@mantine/core';
import { useMemo } from 'react';
import { useList } from '../../api/queries';
import type { Fingerprint } from '../../api/shapes';
import { useFilter } from '../../parts/filters';
import { Answer, Empty, listOf, Moment, Page, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { plural } from '../../parts/words';
import { OddOnes } from './OddOnes';

const NONE: never[] = [];
const COLUMNS: Column<Fingerprint>[] = [
  {
    id: 'value',
    header: 'Fingerprint',
    cell: (row) => (
      <To to={listOf('/endpoints', { fingerprint: row.value })}>
        <Shown mono>{row.value}</Shown>
      </To>
    ),
  },
  {
    id: 'endpoints',
    header: 'Endpoints',
    numeric: true,
    cell: (row) => (
      <>
        {plural(row.endpoints, 'endpoint')}
        {row.endpoints === 1 ? <div className="quiet">the only one</div> : null}
      </>
    ),
  },
  { id: 'example', header: 'For example', cell: (row) => <Shown>{row.example ?? '–'}</Shown> },
  { id: 'first', header: 'First seen', wide: true, cell: (row) => <Moment at={row.firstSeen} /> },
];

export function Fingerprints() {
  const filter = useFilter(NONE, ['kind']);
  const kind = filter.text('kind') || 'ja3s';
  const list = useList<Fingerprint>('/fingerprints', { kind });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  return (
    <Page
      title="Fingerprints"
      lead="Servers that answer the same hellos alike are usually the same software, set up alike. One that differs from its siblings is worth a look."
      aside={
        <SegmentedControl
          size="xs"
          data={[
            { value: 'ja3s', label: 'JA3S' },
            { value: 'ja4s', label: 'JA4S' },
            { value: 'jarm', label: 'JARM' },
          ]}
          value={kind}
          onChange={(value) => filter.set('kind', value === 'ja3s' ? '' : value)}
        />
      }
    >
      <div className="stack">
        <OddOnes kind={kind} by="owner" />
        <Panel title="All, most shared first">
          <Answer of={list}>
            {() => (
              <DataTable
                name="fingerprints"
                columns={COLUMNS}
                rows={rows}
                rowKey={(row) => row.value}
                more={{ has: list.hasNextPage, loading: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
                empty={<Empty title="No fingerprint yet.">{kind === 'jarm' ? 'JARM is asked at depth full.' : kind === 'ja4s' ? 'JA4S comes with the ja4plus plugin, when a scan asks for it.' : 'They come with the first scans.'}</Empty>}
              />
            )}
          </Answer>
        </Panel>
      </div>
    </Page>
  );
}
