/** Who talks to this endpoint, and who of them would be lost by a change: what sensors saw, and the clients that are known. */
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api, ApiError } from '../../api/client';
import { useAll } from '../../api/queries';
import type { ClientOutcome, Endpoint, EndpointWhatIf, Proposal, Selection } from '../../api/shapes';
import { Mark } from '../../parts/marks';
import { Answer, Empty, Panel } from '../../parts/page';
import { defused, Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { plural, protocolName } from '../../parts/words';

type SeenClient = EndpointWhatIf['seen'][number];

const WORDS: Record<ClientOutcome, { text: string; shape: string; tone: string }> = {
  breaks: { text: 'would fail', shape: 'unreachable', tone: 'high' },
  unknown: { text: 'cannot be told', shape: 'unknown', tone: 'info' },
  'fails-today': { text: 'fails already', shape: 'dash', tone: 'info' },
  connects: { text: 'connects', shape: 'ok', tone: 'ok' },
};

export function Clients({ endpoint }: { endpoint: Endpoint }) {
  const [proposal, setProposal] = useState('tls13-only');
  const proposals = useAll<Proposal>('/clients/proposals');
  const answer = useQuery({
    queryKey: ['whatif', String(endpoint.id), proposal],
    queryFn: ({ signal }) => api.get<EndpointWhatIf>(`/endpoints/${endpoint.id}/whatif`, { proposal }, signal),
    refetchOnWindowFocus: false,
    staleTime: 300_000,
  });
  const denied = answer.error instanceof ApiError && answer.error.status === 403;
  return (
    <Panel
      title="Clients, and what would break"
      id="clients"
      aside={
        <Select
          size="xs"
          aria-label="proposed change"
          data={(proposals.data ?? []).map((one) => ({ value: one.name, label: one.title }))}
          value={proposal}
          onChange={(value) => value && setProposal(value)}
          allowDeselect={false}
          w={330}
          maw="60vw"
        />
      }
    >
      {denied ? <Empty title="Not for this role.">Which clients talk to a server is shown to operators, auditors and administrators.</Empty> : <Answer of={answer}>{(data) => <Outcomes data={data} />}</Answer>}
    </Panel>
  );
}

function Outcomes({ data }: { data: EndpointWhatIf }) {
  const { totals } = data;
  const breaking = data.seen.filter((one) => one.outcome === 'breaks').length;
  return (
    <div className="stack">
      {data.assumptions.length > 0 ? (
        <p className="quiet">
          Assumed: <Shown>{data.assumptions.join('; ')}</Shown>.
        </p>
      ) : null}
      {data.seen.length === 0 ? (
        <Empty title="No client was seen in the last 30 days.">
          {totals.hidden > 0 ? `${plural(totals.hidden, 'fingerprint')} seen fewer than five times is not shown. ` : ''}
          Feed logs of Suricata, Zeek, HAProxy or nginx with <code>tlsfleet sensor</code>; no address of a client is kept.
        </Empty>
      ) : (
        <>
          <p>
            {breaking === 0 ? (
              <>
                <Mark shape="ok" /> Nobody who was seen often enough to be shown would be lost
              </>
            ) : (
              <>
                <Mark shape="high" /> <b>{plural(breaking, 'fingerprint')}</b> with <b>{totals.breaks.toLocaleString('en')}</b> of {totals.connections.toLocaleString('en')} connections would be lost
              </>
            )}
            {totals.unknown > 0 ? `; of ${totals.unknown.toLocaleString('en')} it cannot be told` : ''}.
            <span className="quiet">
              {' '}
              Counted by {data.kind.toUpperCase()} over 30 days{totals.hidden > 0 ? `; ${plural(totals.hidden, 'fingerprint')} seen fewer than five times not shown` : ''}.
            </span>
          </p>
          <DataTable name="clients" columns={COLUMNS} rows={data.seen} rowKey={(row) => `${row.kind} ${row.fingerprint}`} />
        </>
      )}
      <KnownClients data={data} />
    </div>
  );
}

const COLUMNS: Column<SeenClient>[] = [
  {
    id: 'client',
    header: 'Client',
    cell: (row) => (
      <>
        <span title={row.names.map(defused).join(', ')}>
          <Shown>{row.names.length > 0 ? row.names.slice(0, 2).join(', ') : 'not known by name'}</Shown>
          {row.names.length > 2 ? <span className="quiet"> and {row.names.length - 2} more</span> : null}
        </span>
        <div className="quiet">
          <Shown mono>{row.fingerprint}</Shown>
        </div>
      </>
    ),
  },
  { id: 'count', header: 'Connections', numeric: true, cell: (row) => row.count.toLocaleString('en') },
  {
    id: 'outcome',
    header: 'After the change',
    cell: (row) => (
      <>
        <Outcome outcome={row.outcome} />
        <div className="quiet">
          <Choice of={row.proposed} />
        </div>
      </>
    ),
  },
  { id: 'today', header: 'Today', wide: true, cell: (row) => <Choice of={row.today} /> },
  { id: 'last', header: 'Last seen', wide: true, cell: (row) => <span className="quiet">{row.lastDay}</span> },
];

function Outcome({ outcome }: { outcome: ClientOutcome }) {
  const word = WORDS[outcome];
  return (
    <span>
      <Mark shape={word.shape} tone={word.tone} /> {word.text}
    </span>
  );
}

function Choice({ of }: { of: Selection }) {
  if (of.connects !== true) return <Shown>{of.reason ?? 'cannot be told'}</Shown>;
  const parts = [of.version ? protocolName(of.version) : null, of.cipherSuite, of.group].filter((part) => part !== null);
  return <Shown>{(parts.length > 0 ? parts.join(' · ') : 'connects') + (of.helloRetry ? ' · one round trip more' : '')}</Shown>;
}

function KnownClients({ data }: { data: EndpointWhatIf }) {
  const groups = useMemo(() => {
    const by = new Map<ClientOutcome, EndpointWhatIf['known']>();
    for (const one of data.known) by.set(one.outcome, [...(by.get(one.outcome) ?? []), one]);
    return by;
  }, [data.known]);
  const order: ClientOutcome[] = ['breaks', 'fails-today', 'unknown', 'connects'];
  return (
    <details className="more-facts">
      <summary>
        Well-known clients, simulated: {groups.get('breaks')?.length ?? 0} would be lost, {groups.get('connects')?.length ?? 0} of {data.known.length} connect
      </summary>
      {order
        .filter((outcome) => (groups.get(outcome)?.length ?? 0) > 0)
        .map((outcome) => (
          <section key={outcome}>
            <h4>
              <Outcome outcome={outcome} /> <span className="quiet">{groups.get(outcome)?.length}</span>
            </h4>
            <ul className="columns">
              {groups.get(outcome)?.map((one) => (
                <li key={one.name}>
                  <Shown>{one.name}</Shown> <span className="quiet">{outcome === 'connects' ? <Choice of={one.proposed} /> : <Shown>{one.proposed.reason ?? ''}</Shown>}</span>
                </li>
              ))}
            </ul>
          </section>
        ))}
    </details>
  );
}
