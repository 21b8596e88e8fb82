/** What needs a person today, by cause; then how the estate stands. Every mark leads to the list behind it. */
import { Link } from 'react-router';
import { useSummary } from '../../api/queries';
import type { Cause, GroupCounts, Summary } from '../../api/shapes';
import { CountMarks, SeverityMark } from '../../parts/marks';
import { Answer, Empty, listOf, Moment, Page, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { decimal, number, percent, plural, PROTOCOLS, protocolName, span } from '../../parts/words';
import { AddTarget } from '../endpoints/AddTarget';
import { Expiry } from './Expiry';
import { FirstRun } from './FirstRun';
import { Trend } from './Trend';

export function Overview() {
  const summary = useSummary();
  return (
    <Page title="Overview" aside={<AddTarget />}>
      <Answer of={summary} lines={12}>
        {(data) => (data.endpoints.total === 0 ? <FirstRun /> : <Estate summary={data} />)}
      </Answer>
    </Page>
  );
}

function Estate({ summary }: { summary: Summary }) {
  const { endpoints, needAttention } = summary;
  const attention = needAttention?.now ?? endpoints.findings;
  const before = needAttention?.weekAgo;
  return (
    <>
      <div className="headline">
        <Link to="/endpoints">
          <strong>{number(endpoints.total)}</strong>
          <span>{endpoints.total === 1 ? 'endpoint' : 'endpoints'}</span>
        </Link>
        <Link to={listOf('/endpoints', { sort: 'lastScan' })}>
          <strong>{percent(summary.seenLastDay, endpoints.total)}</strong>
          <span>seen in the last day</span>
        </Link>
        <Link to={listOf('/endpoints', { atLeast: 'medium', sort: 'worst' })}>
          <strong>{number(attention)}</strong>
          <span>
            need attention
            {before && before !== attention ? ` · ${attention > before ? '▲' : '▼'} ${number(Math.abs(attention - before))} this week` : ''}
          </span>
        </Link>
        <Link to={listOf('/endpoints', { state: 'unreachable' })}>
          <strong>{number(endpoints.unreachable)}</strong>
          <span>unreachable</span>
        </Link>
        {endpoints.neverScanned > 0 ? (
          <Link to={listOf('/endpoints', { state: 'never-scanned' })}>
            <strong>{number(endpoints.neverScanned)}</strong>
            <span>not scanned yet</span>
          </Link>
        ) : null}
        <div>
          <strong className="counts">
            <CountMarks counts={summary.findingsOpen} />
          </strong>
          <To to="/findings">open findings</To>
        </div>
      </div>
      <div className="overview">
        <div className="stack">
          <Causes causes={summary.causes} />
          <div className="two">
            <Worst title="Worst owners" page="owner" groups={summary.owners} />
            <Worst title="Worst sites" page="site" groups={summary.sites} />
          </div>
        </div>
        <div className="stack">
          <Expiry days={summary.expiry} stages={summary.stages} />
          <Protocols summary={summary} />
          <Scanner summary={summary} />
        </div>
      </div>
    </>
  );
}

function Causes({ causes }: { causes: Cause[] }) {
  return (
    <Panel title="Needs you today" aside={<To to="/findings">all findings</To>}>
      {causes.length === 0 ? (
        <Empty title="Nothing needs you.">No open finding at the moment.</Empty>
      ) : (
        causes.slice(0, 12).map((cause) => (
          <div className="cause" key={`${cause.rule} ${cause.cause}`}>
            <SeverityMark severity={cause.severity} />
            <div>
              <To to={listOf('/findings', { rule: cause.rule, cause: cause.cause })}>
                <Shown>{cause.title}</Shown>
              </To>
              <div className="quiet">
                {cause.endpoints === 1 ? <Only cause={cause} /> : null}
                <Shown>{cause.detail && cause.detail !== cause.title ? shorten(cause.detail) : cause.rule}</Shown>
              </div>
            </div>
            <div className="quiet nowrap">
              <To to={listOf('/endpoints', { rule: cause.rule, cause: cause.cause })}>{plural(cause.endpoints, 'endpoint')}</To>
              {cause.endpointsWeekAgo && cause.endpointsWeekAgo !== cause.endpoints ? ` (was ${number(cause.endpointsWeekAgo)})` : ''}
              <span className="narrow-only"> · </span>
              <div>
                {cause.owners > 1 ? `${plural(cause.owners, 'owner')} · ` : ''}
                since <Moment at={cause.since} />
              </div>
            </div>
          </div>
        ))
      )}
    </Panel>
  );
}

/** Of one endpoint its name: ten of a kind could not be told apart otherwise. */
function Only({ cause }: { cause: Cause }) {
  const [example] = cause.examples ?? [];
  if (!example) return null;
  return (
    <>
      <To to={`/endpoints/${example.endpointId}#${cause.rule}`}>
        <Shown>{example.endpoint}</Shown>
      </To>
      {' · '}
    </>
  );
}

function shorten(text: string): string {
  return text.length > 150 ? `${text.slice(0, 147)}…` : text;
}

function Worst({ title, page, groups }: { title: string; page: 'owner' | 'site'; groups: GroupCounts[] }) {
  const ranked = groups.slice(0, 6);
  return (
    <Panel title={title}>
      {ranked.length === 0 ? (
        <p className="quiet">{page === 'owner' ? 'No target names an owner yet.' : 'None.'}</p>
      ) : (
        <table className="data">
          <thead>
            <tr>
              <th scope="col">{page}</th>
              <th scope="col">open findings</th>
              <th scope="col" className="numeric">
                endpoints
              </th>
            </tr>
          </thead>
          <tbody>
            {ranked.map((group) => {
              const name = group[page] ?? '';
              return (
                <tr key={name}>
                  <td>{name ? <To to={listOf('/findings', { [page]: name })}><Shown>{name}</Shown></To> : page === 'owner' ? <To to={listOf('/findings', { owned: 'false' })}>nobody named</To> : <span className="quiet">nobody named</span>}</td>
                  <td>
                    <CountMarks counts={{ critical: group.critical, high: group.high, medium: group.medium }} />
                  </td>
                  <td className="numeric">{name ? <To to={listOf('/endpoints', { [page]: name })}>{number(group.endpoints)}</To> : number(group.endpoints)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

const TONES: Record<string, string> = { 'TLSv1.3': '--tls-13', 'TLSv1.2': '--tls-12', 'TLSv1.1': '--tls-11', 'TLSv1.0': '--tls-10', SSLv3: '--ssl', SSLv2: '--ssl' };

function Protocols({ summary }: { summary: Summary }) {
  const { keyExchange } = summary;
  const seen = Math.max(keyExchange.total, ...Object.values(summary.protocols), 1);
  return (
    <Panel title="Protocols accepted" aside={<span className="quiet">of {plural(seen, 'endpoint')} that were asked</span>}>
      {[...PROTOCOLS].reverse().map((protocol) => {
        const count = summary.protocols[protocol] ?? 0;
        return (
          <Link className="meter" key={protocol} to={listOf('/endpoints', { protocol })}>
            <span>{protocolName(protocol)}</span>
            <span className="track">
              <span className="fill" style={{ display: 'block', width: `${(100 * count) / seen}%`, background: `var(${TONES[protocol]})`, minWidth: count ? undefined : 0 }} />
            </span>
            <span>
              {number(count)} <span className="quiet">· {percent(count, seen)}</span>
            </span>
          </Link>
        );
      })}
      <Link className="meter" to={listOf('/endpoints', { group: 'X25519MLKEM768' })}>
        <span title="X25519MLKEM768 or another hybrid of ML-KEM">post-q.</span>
        <span className="track">
          <span className="fill" style={{ display: 'block', width: `${(100 * keyExchange.hybrid) / Math.max(1, keyExchange.total)}%`, background: 'var(--unknown)' }} />
        </span>
        <span>
          {number(keyExchange.hybrid)} <span className="quiet">· {percent(keyExchange.hybrid, keyExchange.total)}</span>
        </span>
      </Link>
      <Trend trend={summary.trend} />
    </Panel>
  );
}

function Scanner({ summary }: { summary: Summary }) {
  const { scanner, coverage, notifications } = summary;
  return (
    <Panel title="Scanner and coverage" aside={<To to="/sites">sites and workers</To>}>
      <dl className="facts">
        <dt>Now</dt>
        <dd>
          {decimal(scanner.scansPerSecond)} scans/s · {plural(scanner.workers, 'worker')} · {number(scanner.leasesHeld)} in hand
        </dd>
        <dt>Queue</dt>
        <dd>
          {scanner.due === 0 ? 'nothing overdue' : `${number(scanner.due)} due, the oldest for ${span(scanner.oldestDueSeconds * 1000)}`}
          {scanner.stuck > 0 ? ` · ${number(scanner.stuck)} stuck` : ' · none stuck'}
        </dd>
        <dt>Not known</dt>
        <dd>
          {coverage.unknown === 0 ? 'every fact that was asked has an answer' : `${plural(coverage.unknown, 'fact')} unknown`}
          {coverage.endpointsWithUnknown ? ` on ${plural(coverage.endpointsWithUnknown, 'endpoint')}` : ''}
        </dd>
        {notifications ? (
          <>
            <dt>Alerts</dt>
            <dd>
              <To to="/alerting/log">{notifications.dead ? `${number(notifications.dead)} could not be delivered` : `${number(notifications.pending ?? 0)} waiting, none lost`}</To>
            </dd>
          </>
        ) : null}
      </dl>
    </Panel>
  );
}
