/** Certificates, soonest to end first, with what is left of each drawn as a bar of its lifetime. */
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import { useList, useSummary } from '../../api/queries';
import type { Certificate } from '../../api/shapes';
import { FilterBar, useFilter, type Field } from '../../parts/filters';
import { SeverityMark, Mark } from '../../parts/marks';
import { Answer, Empty, Left, listOf, Page, Panel, To, useNow } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { number, plural } from '../../parts/words';
import { Expiry } from '../overview/Expiry';

const FIELDS: readonly Field[] = [
  { key: 'expiresBefore', label: 'ends before', placeholder: '2027-03-15T00:00:00Z', words: (value) => value.slice(0, 10) },
  { key: 'expiresAfter', label: 'ends after', placeholder: '2026-12-01T00:00:00Z', words: (value) => value.slice(0, 10) },
  { key: 'issuer', label: 'issuer', placeholder: "part of the issuer's name" },
  { key: 'owner', label: 'owner' },
  { key: 'served', label: 'served now', choices: ['true'] },
];
const STAGE_WORDS: Record<string, string> = { ok: 'time enough', expired: 'ended' };
const STAGES = ['expired', 'critical', 'high', 'medium', 'low', 'info', 'ok'] as const;

export function StageMark({ stage }: { stage: string }) {
  if (stage === 'ok')
    return (
      <span className="severity tone-good">
        <Mark shape="ok" /> {STAGE_WORDS.ok}
      </span>
    );
  if (stage === 'expired')
    return (
      <span className="severity tone-critical">
        <Mark shape="critical" /> {STAGE_WORDS.expired}
      </span>
    );
  return <SeverityMark severity={stage} />;
}

function Lifetime({ certificate }: { certificate: Certificate }) {
  const now = useNow();
  if (!certificate.notAfter || !certificate.notBefore) return <span className="quiet">–</span>;
  const begin = Date.parse(certificate.notBefore);
  const end = Date.parse(certificate.notAfter);
  const spent = Math.max(0, Math.min(1, (now - begin) / Math.max(1, end - begin)));
  return (
    <div title={`${certificate.notBefore} to ${certificate.notAfter}`}>
      <Left notAfter={certificate.notAfter} />
      <div className={`meter-line tone-${certificate.stage === 'ok' ? 'good' : certificate.stage}`} style={{ height: 4, borderRadius: 2, background: 'var(--sheet-2)', marginTop: 3, minWidth: 90 }}>
        <div style={{ height: 4, borderRadius: 2, width: `${100 * spent}%`, background: 'var(--tone)' }} />
      </div>
    </div>
  );
}

const COLUMNS: Column<Certificate>[] = [
  {
    id: 'subject',
    header: 'Certificate',
    cell: (row) => (
      <>
        <To to={`/certificates/${row.sha256}`}>
          <Shown>{row.subject || row.names[0] || 'no subject'}</Shown>
        </To>
        <div className="quiet">
          <Shown>{row.names.slice(0, 3).join(', ')}</Shown>
          {row.names.length > 3 ? ` and ${row.names.length - 3} more` : ''}
        </div>
      </>
    ),
  },
  { id: 'life', header: 'Lifetime spent', cell: (row) => <Lifetime certificate={row} /> },
  { id: 'stage', header: 'Stage', cell: (row) => <StageMark stage={row.stage} /> },
  { id: 'issuer', header: 'Issuer', wide: true, cell: (row) => <Shown>{row.issuer}</Shown> },
  { id: 'key', header: 'Key', wide: true, cell: (row) => <Shown>{`${row.keyAlgorithm ?? '–'}${row.keyBits ? ` ${row.keyBits}` : ''}`}</Shown> },
  { id: 'endpoints', header: 'Served by', numeric: true, cell: (row) => <To to={listOf('/endpoints', { certificate: row.sha256 })}>{plural(row.endpoints, 'endpoint')}</To> },
  { id: 'owners', header: 'Owners', wide: true, cell: (row) => <Shown>{row.owners.slice(0, 3).join(', ') || '–'}</Shown> },
  { id: 'signature', header: 'Signature', hidden: true, cell: (row) => <Shown>{row.signatureAlgorithm ?? '–'}</Shown> },
  { id: 'sha256', header: 'SHA-256', hidden: true, cell: (row) => <Shown mono>{row.sha256}</Shown> },
];

export function Certificates() {
  const filter = useFilter(FIELDS, ['q']);
  const list = useList<Certificate>('/certificates', filter.values);
  const summary = useSummary();
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const navigate = useNavigate();
  const stages = summary.data?.stages;
  return (
    <Page title="Certificates" lead="Soonest to end first. A stage is a share of the lifetime, at most a number of days: what renews in time raises nothing.">
      {stages ? (
        <div className="headline">
          {STAGES.map((stage) => (
            <div key={stage}>
              <strong>{number(stages[stage] ?? 0)}</strong>
              <StageMark stage={stage} />
            </div>
          ))}
        </div>
      ) : null}
      {summary.data ? <Expiry days={summary.data.expiry} stages={summary.data.stages} aside={null} /> : null}
      <div style={{ height: 12 }} />
      <FilterBar filter={filter} fields={FIELDS} placeholder="name, subject or SHA-256" />
      <Panel>
        <Answer of={list}>
          {() => (
            <DataTable
              name="certificates"
              columns={COLUMNS}
              rows={rows}
              rowKey={(row) => row.sha256}
              onRow={(row) => void navigate(`/certificates/${row.sha256}`)}
              more={{ has: list.hasNextPage, loading: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
              empty={<Empty title="No certificate is like that." />}
            />
          )}
        </Answer>
      </Panel>
    </Page>
  );
}
