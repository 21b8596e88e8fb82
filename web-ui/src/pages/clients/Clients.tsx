/** Who connects to the estate, by what its own sensors saw, and who of them would be lost by a change of many servers at once. */
import { SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, ApiError, type Query } from '../../api/client';
import { useAll, useList } from '../../api/queries';
import type { Client, ClientPage, EstateWhatIf, Proposal } from '../../api/shapes';
import { FilterBar, useFilter, type Field } from '../../parts/filters';
import { Mark } from '../../parts/marks';
import { Answer, Empty, Page, Panel, To } from '../../parts/page';
import { defused, Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { plural, protocolName } from '../../parts/words';

const FIELDS: readonly Field[] = [
  { key: 'owner', label: 'Owner', placeholder: 'web-team' },
  { key: 'site', label: 'Site', placeholder: 'internet' },
  { key: 'tag', label: 'Tag', placeholder: 'env:prod', many: true },
];
const KINDS = [
  { value: 'ja4', label: 'JA4' },
  { value: 'ja3', label: 'JA3' },
  { value: 'suites', label: 'Suite list' },
];
const FEW = 'fewer than five times';

export function Clients() {
  const filter = useFilter(FIELDS, ['q', 'kind', 'proposal']);
  const kind = filter.text('kind') || 'ja4';
  const where: Query = { q: filter.values.q, owner: filter.values.owner, site: filter.values.site, tag: filter.values.tag };
  const list = useList<Client>('/clients', { ...where, kind });
  const denied = list.error instanceof ApiError && list.error.status === 403;
  return (
    <Page
      title="Clients"
      lead="Who connects to the estate, counted by fingerprint from logs that the network writes anyway. No address of a client is kept, what was seen less than five times is not shown, all is gone after 30 days, and each look stands in the audit log."
      aside={<SegmentedControl size="xs" aria-label="kind of fingerprint" data={KINDS} value={kind} onChange={(value) => filter.set('kind', value === 'ja4' ? '' : value)} />}
    >
      {denied ? (
        <Empty title="Not for this role.">Which clients talk to servers is shown to operators, auditors and administrators.</Empty>
      ) : (
        <div className="stack">
          <FilterBar filter={filter} fields={FIELDS} placeholder="Only endpoints whose name has …" />
          <WouldBreak where={where} kind={kind} proposal={filter.text('proposal') || 'tls13-only'} choose={(name) => filter.set('proposal', name)} />
          <Panel title="Who connects" id="seen">
            <Answer of={list}>
              {(pages) => (
                <Seen
                  first={pages.pages[0] as unknown as ClientPage}
                  rows={pages.pages.flatMap((page) => page.items)}
                  more={{ has: list.hasNextPage, loading: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
                />
              )}
            </Answer>
          </Panel>
        </div>
      )}
    </Page>
  );
}

type Line = EstateWhatIf['items'][number];

function WouldBreak({ where, kind, proposal, choose }: { where: Query; kind: string; proposal: string; choose: (name: string) => void }) {
  const proposals = useAll<Proposal>('/clients/proposals');
  const answer = useQuery({
    queryKey: ['clients-whatif', where, kind, proposal],
    queryFn: ({ signal }) => api.get<EstateWhatIf>('/clients/whatif', { ...where, kind, proposal }, signal),
    refetchOnWindowFocus: false,
    staleTime: 300_000,
  });
  return (
    <Panel
      title="What would break"
      id="whatif"
      aside={
        <Select
          size="xs"
          aria-label="proposed change"
          data={(proposals.data ?? []).map((one) => ({ value: one.name, label: one.title }))}
          value={proposal}
          onChange={(value) => value && choose(value)}
          allowDeselect={false}
          w={330}
          maw="60vw"
        />
      }
    >
      <Answer of={answer}>{(data) => <Lost data={data} />}</Answer>
    </Panel>
  );
}

function Lost({ data }: { data: EstateWhatIf }) {
  const lost = data.items.filter((line) => line.breaks === null || line.breaks > 0);
  const open = data.items.filter((line) => line.breaks === 0 && (line.unknown === null || line.unknown > 0));
  const scope = data.truncated ? `the first ${data.endpoints.toLocaleString('en')} endpoints of this filter` : plural(data.endpoints, 'endpoint');
  return (
    <div className="stack">
      <p>
        {data.items.length === 0 ? (
          <>No client of this kind was seen often enough at {scope}.</>
        ) : lost.length === 0 ? (
          <>
            <Mark shape="ok" /> Nobody who was seen often enough would be lost at {scope}
            {open.length > 0 ? `; of ${plural(open.length, 'fingerprint')} it cannot be told everywhere` : ''}.
          </>
        ) : (
          <>
            <Mark shape="high" /> <b>{plural(lost.length, 'fingerprint')}</b> would be lost, with <b>{sum(lost, (line) => line.breaks).toLocaleString('en')}</b> of {sum(data.items, (line) => line.count).toLocaleString('en')} connections, if {scope} were changed so
            {open.length > 0 ? `; of ${plural(open.length, 'fingerprint')} more it cannot be told` : ''}.
          </>
        )}
      </p>
      {lost.length + open.length > 0 ? <DataTable name="clients-whatif" columns={LOST} rows={[...lost, ...open]} rowKey={(row) => row.fingerprint} /> : null}
    </div>
  );
}

function sum(lines: Line[], of: (line: Line) => number | null): number {
  return lines.reduce((total, line) => total + (of(line) ?? 0), 0);
}

function amount(count: number | null) {
  return count === null ? <span title={FEW}>1 to 4</span> : count.toLocaleString('en');
}

const LOST: Column<Line>[] = [
  { id: 'client', header: 'Client', cell: (row) => <Named names={row.names} fingerprint={row.fingerprint} /> },
  { id: 'breaks', header: 'Would fail', numeric: true, cell: (row) => amount(row.breaks) },
  { id: 'unknown', header: 'Cannot be told', numeric: true, wide: true, cell: (row) => amount(row.unknown) },
  { id: 'count', header: 'Of connections', numeric: true, cell: (row) => row.count.toLocaleString('en') },
  {
    id: 'places',
    header: 'Most at',
    wide: true,
    cell: (row) =>
      row.places.length === 0 ? (
        <span className="quiet">–</span>
      ) : (
        <>
          {row.places.slice(0, 3).map((place, index) => (
            <span key={place.id}>
              {index > 0 ? ', ' : ''}
              <To to={`/endpoints/${place.id}#clients`}>
                <Shown>{place.name}</Shown>
              </To>{' '}
              <span className="quiet">{place.count.toLocaleString('en')}</span>
            </span>
          ))}
          {row.places.length > 3 ? <span className="quiet"> and {row.places.length - 3} more</span> : null}
        </>
      ),
  },
];

function Seen({ first, rows, more }: { first: ClientPage; rows: Client[]; more: { has: boolean; loading: boolean; load: () => void } }) {
  const others = useMemo(() => first.kinds.map((one) => `${plural(one.count, 'connection')} by ${one.kind === 'suites' ? 'suite list' : one.kind.toUpperCase()}`).join(', '), [first.kinds]);
  return (
    <>
      <p className="quiet">
        {others ? `${others} in the last ${first.days} days. ` : ''}
        {first.hidden > 0 ? `${plural(first.hidden, 'fingerprint')} seen ${FEW} not shown.` : ''}
      </p>
      <DataTable
        name="clients"
        columns={SEEN}
        rows={rows}
        rowKey={(row) => `${row.kind} ${row.fingerprint}`}
        more={more}
        empty={
          <Empty title={`No client of this kind was seen in the last ${first.days} days.`}>
            Feed logs of Suricata, Zeek, HAProxy or nginx with <code>tlsfleet sensor</code>; docs/sensors.md says what to switch on.
          </Empty>
        }
      />
    </>
  );
}

const SEEN: Column<Client>[] = [
  { id: 'client', header: 'Client', cell: (row) => <Named names={row.names} fingerprint={row.fingerprint} /> },
  { id: 'count', header: 'Connections', numeric: true, cell: (row) => row.count.toLocaleString('en') },
  { id: 'endpoints', header: 'Endpoints', numeric: true, cell: (row) => row.endpoints.toLocaleString('en') },
  { id: 'speaks', header: 'Speaks', wide: true, cell: (row) => <Speaks of={row} /> },
  { id: 'last', header: 'Last seen', wide: true, cell: (row) => <span className="quiet">{row.lastDay}</span> },
];

function Speaks({ of }: { of: Client }) {
  const profile = of.profile;
  if (!profile) return <span className="quiet">no log told</span>;
  const parts = [
    profile.versions?.length ? profile.versions.map(protocolName).join(', ') : null,
    profile.cipherSuites?.length ? plural(profile.cipherSuites.length, 'suite') : null,
    profile.groups?.length ? plural(profile.groups.length, 'group') : null,
    profile.groups?.some((group) => ['0x11EB', '0x11EC', '0x11ED'].includes(group.toUpperCase().replace('0X', '0x'))) ? 'post-quantum' : null,
  ].filter((part) => part !== null);
  return <Shown>{parts.join(' · ')}</Shown>;
}

function Named({ names, fingerprint }: { names: string[]; fingerprint: string }) {
  return (
    <>
      <span title={names.map(defused).join(', ')}>
        <Shown>{names.length > 0 ? names.slice(0, 2).join(', ') : 'not known by name'}</Shown>
        {names.length > 2 ? <span className="quiet"> and {names.length - 2} more</span> : null}
      </span>
      <div className="quiet">
        <Shown mono>{fingerprint}</Shown>
      </div>
    </>
  );
}
