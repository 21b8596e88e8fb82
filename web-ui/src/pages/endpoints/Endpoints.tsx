/** Every endpoint, filtered by anything; the address holds the filter. */
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import { useList } from '../../api/queries';
import type { Endpoint } from '../../api/shapes';
import { FilterBar, OWNED, useFilter, type Field } from '../../parts/filters';
import { CountMarks, Grade, StateMark } from '../../parts/marks';
import { Answer, Empty, Left, listOf, Moment, Page, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { plural, PROTOCOLS, protocolName, REASON_WORDS, SEVERITIES, STATE_WORDS } from '../../parts/words';
import { AddTarget } from './AddTarget';
import { ImportTargets } from './ImportTargets';

const FIELDS: readonly Field[] = [
  { key: 'state', label: 'state', choices: Object.keys(STATE_WORDS), words: (value) => STATE_WORDS[value] ?? value },
  { key: 'severity', label: 'worst finding', choices: SEVERITIES },
  { key: 'atLeast', label: 'open finding', choices: SEVERITIES, words: (value) => `${value} or worse` },
  { key: 'protocol', label: 'accepts', choices: PROTOCOLS, words: protocolName },
  { key: 'grade', label: 'grade', choices: ['A+', 'A', 'A-', 'B', 'C', 'D', 'E', 'F', 'T', 'M'] },
  { key: 'owner', label: 'owner' },
  OWNED,
  { key: 'site', label: 'site' },
  { key: 'tag', label: 'tag', placeholder: 'env:prod', many: true },
  { key: 'policy', label: 'policy' },
  { key: 'rule', label: 'rule', placeholder: 'protocol.tls10-accepted' },
  { key: 'cause', label: 'cause', words: (value) => (value.length > 40 ? `${value.slice(0, 38)}…` : value) },
  { key: 'cipherSuite', label: 'cipher suite', placeholder: 'TLS_RSA_WITH_AES_128_GCM_SHA256' },
  { key: 'group', label: 'named group', placeholder: 'X25519MLKEM768' },
  { key: 'certificate', label: 'serves certificate', placeholder: 'SHA-256', words: (value) => `${value.slice(0, 12)}…` },
  { key: 'fingerprint', label: 'fingerprint', placeholder: 'JARM or JA3S', words: (value) => `${value.slice(0, 16)}…` },
  { key: 'expiresBefore', label: 'certificate ends before', placeholder: '2027-03-15T00:00:00Z', words: (value) => value.slice(0, 10) },
];

const WEAK = new Set(['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1']);

/** Where it leads; what is sent first, and for which name, its own name says. */
function where(row: Endpoint): string {
  const addresses = row.addresses ?? [];
  if (row.scanning) return 'scanning now';
  return addresses.length > 1 ? plural(addresses.length, 'address', 'addresses') : (addresses[0]?.address ?? '');
}

const COLUMNS: Column<Endpoint>[] = [
  {
    id: 'name',
    header: 'Endpoint',
    sort: 'name',
    cell: (row) => (
      <>
        <To to={`/endpoints/${row.id}`}>
          <Shown>{row.name}</Shown>
        </To>
        <div className="quiet">
          <span className="narrow-only">
            <StateMark state={row.state} worst={row.worst} />{row.stale ? <span className="quiet"> stale</span> : null}{' '}
          </span>
          <Shown>{where(row)}</Shown>
        </div>
      </>
    ),
  },
  {
    id: 'state',
    header: 'State',
    wide: true,
    cell: (row) => (
      <>
        <StateMark state={row.state} worst={row.worst} />
        {row.stale ? <span className="quiet"> stale</span> : null}
        {row.reason && row.state !== 'ok' ? <div className="quiet">{REASON_WORDS[row.reason] ?? row.reason}</div> : null}
      </>
    ),
  },
  { id: 'findings', header: 'Findings', sort: 'worst', cell: (row) => (row.lastScanAt ? <CountMarks counts={row.findings} /> : <span className="quiet">–</span>) },
  { id: 'grade', header: 'Grade', wide: true, cell: (row) => <Grade grade={row.grade} /> },
  {
    id: 'protocols',
    header: 'Protocols',
    wide: true,
    cell: (row) => (
      <span className="chips">
        {row.protocols.map((protocol) => (
          <span key={protocol} className={`chip${WEAK.has(protocol) ? ' weak' : ''}`}>
            {WEAK.has(protocol) ? '! ' : ''}
            {protocolName(protocol)}
          </span>
        ))}
      </span>
    ),
  },
  { id: 'expiry', header: 'Certificate', sort: 'expiry', cell: (row) => (row.certificate ? <To to={`/certificates/${row.certificate}`}><Left notAfter={row.notAfter} /></To> : <Left notAfter={row.notAfter} />) },
  { id: 'owner', header: 'Owner', wide: true, cell: (row) => (row.owner ? <To to={listOf('/endpoints', { owner: row.owner })}><Shown>{row.owner}</Shown></To> : <span className="quiet">–</span>) },
  { id: 'seen', header: 'Last scan', sort: 'lastScan', wide: true, cell: (row) => <Moment at={row.lastScanAt} /> },
  { id: 'unknown', header: 'Unknown facts', hidden: true, numeric: true, cell: (row) => row.unknown ?? '–' },
  { id: 'site', header: 'Site', hidden: true, cell: (row) => <Shown>{row.site}</Shown> },
  { id: 'policy', header: 'Policy', hidden: true, cell: (row) => <Shown>{row.policy ?? '–'}</Shown> },
  { id: 'next', header: 'Next scan', hidden: true, cell: (row) => <Moment at={row.nextScanAt} /> },
  {
    id: 'tags',
    header: 'Tags',
    hidden: true,
    cell: (row) => (
      <span className="chips">
        {Object.entries(row.tags).map(([key, value]) => (
          <span className="chip" key={key}>
            <Shown>{`${key}:${value}`}</Shown>
          </span>
        ))}
      </span>
    ),
  },
];

export function Endpoints() {
  const filter = useFilter(FIELDS);
  const list = useList<Endpoint>('/endpoints', filter.values);
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  // counted with the first page, and not beyond a hundred thousand
  const total = list.data?.pages[0]?.total;
  const navigate = useNavigate();
  const filtered = Object.keys(filter.values).some((key) => key !== 'sort');
  return (
    <Page
      title="Endpoints"
      lead={total === undefined || total === null ? undefined : `${plural(total, 'endpoint')}${filtered ? ' of that kind' : ''}`}
      aside={
        <>
          <ImportTargets />
          <AddTarget />
        </>
      }
    >
      <FilterBar filter={filter} fields={FIELDS} placeholder="name or address" />
      <Panel>
        <Answer of={list}>
          {() => (
            <DataTable
              name="endpoints"
              columns={COLUMNS}
              rows={rows}
              rowKey={(row) => String(row.id)}
              sort={filter.text('sort') || 'name'}
              onSort={(sort) => filter.set('sort', sort)}
              onRow={(row) => void navigate(`/endpoints/${row.id}`)}
              more={{ has: list.hasNextPage, loading: list.isFetchingNextPage, load: () => void list.fetchNextPage(), total }}
              empty={filtered ? <Empty title="No endpoint is like that.">Remove a part of the filter.</Empty> : <Empty title="Nothing is watched yet."><AddTarget primary /></Empty>}
            />
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
