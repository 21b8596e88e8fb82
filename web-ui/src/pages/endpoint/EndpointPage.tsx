/** One endpoint: the verdict, then why, then everything that was asked and what came back. */
import { Select } from '@mantine/core';
import { useParams, useSearchParams } from 'react-router';
import { useEndpoint, useList, useReport } from '../../api/queries';
import type { Endpoint, Finding, Report } from '../../api/shapes';
import { FindingCard } from '../../parts/finding';
import { CountMarks, Grade, Mark, StateMark } from '../../parts/marks';
import { Answer, Empty, listOf, Moment, Page, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { OUTCOME_WORDS, plural, REASON_WORDS, SEVERITIES, span } from '../../parts/words';
import { Chains } from './Chain';
import { Diagnose, useDiagnosis } from './Diagnose';
import { Clients } from './Clients';
import { Coverage, Features, Fingerprints, Negotiated, Resumption, Surroundings } from './Facts';
import { History } from './History';
import { ScanNow } from './ScanNow';
import { Groups, Protocols, Suites } from './Suites';

export function EndpointPage() {
  const { id = '' } = useParams();
  const endpoint = useEndpoint(id);
  return endpoint.data ? (
    <Known endpoint={endpoint.data} />
  ) : (
    <Page title="Endpoint">
      <Answer of={endpoint}>{() => null}</Answer>
    </Page>
  );
}

function Known({ endpoint }: { endpoint: Endpoint }) {
  const [parameters, setParameters] = useSearchParams();
  const address = parameters.get('address') ?? undefined;
  const scanned = endpoint.lastScanAt !== null;
  const report = useReport(endpoint.id, { address }, scanned);
  const addresses = endpoint.addresses ?? [];
  return (
    <Page
      title={endpoint.name}
      shown={<Shown>{endpoint.name}</Shown>}
      lead={<Lead endpoint={endpoint} report={report.data} />}
      aside={
        <>
          {addresses.length > 1 ? (
            <Select
              size="xs"
              aria-label="address"
              data={[{ value: '', label: `latest of ${addresses.length} addresses` }, ...addresses.map((one) => ({ value: one.address, label: one.address }))]}
              value={address ?? ''}
              onChange={(value) => setParameters(value ? { address: value } : {})}
              allowDeselect={false}
            />
          ) : null}
          <ScanNow endpoint={endpoint} />
        </>
      }
    >
      {report.data ? (
        <Facts endpoint={endpoint} report={report.data} address={address} />
      ) : (
        <div className="stack">
          <Verdict endpoint={endpoint} />
          {scanned && report.error ? <Stored endpoint={endpoint} /> : null}
          {scanned ? (
            <Panel title="Report">
              <Answer of={report}>{() => null}</Answer>
            </Panel>
          ) : null}
          <History endpoint={endpoint} />
        </div>
      )}
    </Page>
  );
}

function Lead({ endpoint, report }: { endpoint: Endpoint; report?: Report }) {
  const address = report?.endpoint.address;
  const others = (endpoint.addresses?.length ?? 0) - 1;
  return (
    <>
      {address ? (
        <>
          → <Shown>{address}</Shown>
          {others > 0 ? ` and ${plural(others, 'more address', 'more addresses')}` : ''} ·{' '}
        </>
      ) : null}
      {endpoint.starttls ? `starttls ${endpoint.starttls} · ` : ''}
      owner {endpoint.owner ? <To to={listOf('/endpoints', { owner: endpoint.owner })}><Shown>{endpoint.owner}</Shown></To> : 'nobody yet'} · site <Shown>{endpoint.site}</Shown>
      {endpoint.policy ? (
        <>
          {' '}
          · policy <Shown>{endpoint.policy}</Shown>
        </>
      ) : null}
      {Object.entries(endpoint.tags).map(([key, value]) => (
        <span key={key}>
          {' '}
          ·{' '}
          <To to={listOf('/endpoints', { tag: `${key}:${value}` })}>
            <Shown>{`${key} ${value}`}</Shown>
          </To>
        </span>
      ))}
    </>
  );
}

function Verdict({ endpoint, report }: { endpoint: Endpoint; report?: Report }) {
  const labs = report?.grades['ssllabs-2009r'];
  const mozilla = report?.grades['mozilla-6.0'];
  const outcome = report?.scan.outcome ?? endpoint.outcome;
  const reason = report?.scan.reason ?? endpoint.reason;
  const detail = report?.scan.detail ?? endpoint.detail;
  const unknown = report ? report.coverage.filter((one) => one.state === 'unknown').length : endpoint.unknown;
  return (
    <Panel>
      <div className="verdict">
        {labs?.grade ? <Grade grade={labs.grade} large atBest={labs.atBest} /> : <span />}
        <div>
          <div className="actions">
            <StateMark state={endpoint.state} worst={endpoint.worst} />
            {endpoint.lastScanAt ? <CountMarks counts={endpoint.findings} /> : null}
            {mozilla?.level ? <span className="quiet">Mozilla level {mozilla.level}</span> : null}
          </div>
          {outcome && outcome !== 'complete' ? (
            <p>
              The last scan was {OUTCOME_WORDS[outcome] ?? outcome}
              {reason ? `: ${REASON_WORDS[reason] ?? reason}` : ''}.
            </p>
          ) : null}
          {endpoint.stale ? (
            <p className="severity tone-high">
              <Mark shape="high" /> stale: its site scans late or is silent, and what is shown says nothing of now
            </p>
          ) : null}
          {detail ? (
            <p>
              <Shown>{detail}</Shown>
            </p>
          ) : null}
          <p className="quiet">
            {endpoint.lastScanAt ? (
              <>
                last seen <Moment at={endpoint.lastScanAt} />
                {report ? ` · ${plural(report.scan.connections, 'connection')} in ${span(report.scan.durationMillis)} · depth ${report.scan.depth}` : ''}
                {unknown === undefined ? '' : ' · '}
                {unknown === undefined ? '' : unknown > 0 ? <a href="#coverage">{plural(unknown, 'fact')} unknown</a> : 'every fact known'} · next scan <Moment at={endpoint.nextScanAt} />
              </>
            ) : (
              'Waiting for its first scan; this page follows it.'
            )}
          </p>
        </div>
      </div>
      {labs?.arithmetic && labs.arithmetic.length > 0 ? (
        <details className="more-facts">
          <summary>How the grade came about</summary>
          <ul>
            {labs.arithmetic.map((step) => (
              <li key={step}>
                <Shown>{step}</Shown>
              </li>
            ))}
          </ul>
          {(mozilla?.deviations ?? []).length > 0 ? <p className="quiet">Differs from Mozilla&apos;s intermediate level in:</p> : null}
          <ul>
            {(mozilla?.deviations ?? []).map((step) => (
              <li key={step}>
                <Shown>{step}</Shown>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </Panel>
  );
}

function Facts({ endpoint, report, address }: { endpoint: Endpoint; report: Report; address?: string }) {
  const diagnosis = useDiagnosis(endpoint, address);
  return (
    <div className="stack">
      <Verdict endpoint={endpoint} report={report} />
      <div className="endpoint-grid">
        <div className="stack">
          <Findings endpoint={endpoint} report={report} stack={diagnosis.data?.stack} />
          <Diagnose of={diagnosis} />
          <Chains report={report} />
          <Protocols report={report} />
          <Suites report={report} />
          {Object.values(report.protocols ?? {}).includes('accepted') ? <Clients endpoint={endpoint} /> : null}
          <History endpoint={endpoint} />
        </div>
        <div className="stack">
          <Negotiated report={report} />
          <Groups report={report} />
          <Resumption report={report} />
          <Fingerprints report={report} />
          <Features report={report} />
          <Surroundings report={report} />
          <Coverage report={report} />
        </div>
      </div>
    </div>
  );
}

/** What is stored of its findings, when the report itself cannot be had. */
function Stored({ endpoint }: { endpoint: Endpoint }) {
  const stored = useList<Finding>('/findings', { endpoint: endpoint.id });
  const findings = stored.data?.pages.flatMap((page) => page.items) ?? [];
  if (findings.length === 0) return null;
  return (
    <Panel title={`Findings (${findings.length})`} id="findings">
      <div className="stack">
        {findings.map((finding) => (
          <FindingCard key={finding.id} finding={finding} stored={finding} />
        ))}
      </div>
    </Panel>
  );
}

function Findings({ endpoint, report, stack }: { endpoint: Endpoint; report: Report; stack?: string | null }) {
  const stored = useList<Finding>('/findings', { endpoint: endpoint.id });
  const known = stored.data?.pages.flatMap((page) => page.items) ?? [];
  const findings = [...report.findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return (
    <Panel title={findings.length === 0 ? 'Findings' : `Findings (${findings.length})`} id="findings">
      {findings.length === 0 ? (
        <Empty title="Nothing to mend.">Everything that was asked is as the policy wants it.</Empty>
      ) : (
        <div className="stack">
          {findings.map((finding, index) => (
            <FindingCard key={`${finding.rule} ${index}`} finding={finding} stored={known.find((one) => one.rule === finding.rule && one.detail === finding.detail) ?? known.find((one) => one.rule === finding.rule)} stack={stack} />
          ))}
        </div>
      )}
      {report.waived && report.waived.length > 0 ? <p className="quiet">{plural(report.waived.length, 'finding')} waived by the policy.</p> : null}
    </Panel>
  );
}
