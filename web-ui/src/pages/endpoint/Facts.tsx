/** Everything else that was asked, as pairs; and what stayed unknown, with the reason said plainly. */
import type { Report } from '../../api/shapes';
import { Fact, Mark } from '../../parts/marks';
import { listOf, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { factWords, number, protocolName, REASON_WORDS } from '../../parts/words';

const STATES = new Set(['accepted', 'refused', 'unknown', 'not-asked']);

function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <span className="quiet">–</span>;
  if (typeof value === 'string' && STATES.has(value)) return <Fact state={value} />;
  if (typeof value === 'boolean') return <>{value ? 'yes' : 'no'}</>;
  if (typeof value === 'number') return <>{number(value)}</>;
  if (Array.isArray(value)) return value.length === 0 ? <span className="quiet">none</span> : <Shown>{value.map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one))).join(', ')}</Shown>;
  if (typeof value === 'object')
    return (
      <Shown>
        {Object.entries(value)
          .map(([key, one]) => `${factWords(key)} ${String(one)}`)
          .join(', ')}
      </Shown>
    );
  return <Shown>{value}</Shown>;
}

function Pairs({ of }: { of: Record<string, unknown> }) {
  return (
    <dl className="facts">
      {Object.entries(of).map(([key, value]) => (
        <div key={key} style={{ display: 'contents' }}>
          <dt>{factWords(key)}</dt>
          <dd>
            <Value value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function Negotiated({ report }: { report: Report }) {
  const got = report.negotiated;
  if (!got) return null;
  return (
    <Panel title="An up-to-date client gets">
      <dl className="facts">
        <dt>protocol</dt>
        <dd>{got.protocol ? protocolName(got.protocol) : '–'}</dd>
        <dt>suite</dt>
        <dd>
          <Shown mono>{got.cipherSuite ?? '–'}</Shown>
        </dd>
        <dt>key exchange</dt>
        <dd>
          <Shown>{got.group ?? '–'}</Shown>
        </dd>
        <dt>signature</dt>
        <dd>
          <Shown>{got.signatureScheme ?? '–'}</Shown>
        </dd>
        <dt>application</dt>
        <dd>
          <Shown>{got.alpn ?? 'none agreed'}</Shown>
        </dd>
      </dl>
    </Panel>
  );
}

export function Resumption({ report }: { report: Report }) {
  const parts = Object.entries(report.resumption ?? {});
  if (parts.length === 0) return null;
  return (
    <Panel title="Resumption" id="resumption">
      {parts.map(([version, facts]) => (
        <section key={version}>
          <h3>{protocolName(version)}</h3>
          <Pairs of={facts} />
        </section>
      ))}
    </Panel>
  );
}

export function Fingerprints({ report }: { report: Report }) {
  const prints = report.fingerprints;
  if (!prints) return null;
  const rows = [...(prints.jarm ? [{ kind: 'JARM', hash: prints.jarm, hello: '' }] : []), ...(prints.ja3s ?? []).map((one) => ({ kind: 'JA3S', hash: one.hash, hello: one.hello })), ...(prints.ja4s ?? []).map((one) => ({ kind: 'JA4S', hash: one.hash, hello: one.hello }))];
  if (rows.length === 0) return null;
  return (
    <Panel title="Fingerprints" id="fingerprints" aside={<To to="/fingerprints">who else</To>}>
      <dl className="facts">
        {rows.map((row) => (
          <div key={`${row.kind} ${row.hello} ${row.hash}`} style={{ display: 'contents' }}>
            <dt>
              {row.kind} <Shown className="quiet">{row.hello}</Shown>
            </dt>
            <dd>
              <To to={listOf('/endpoints', { fingerprint: row.hash })}>
                <Shown mono>{row.hash}</Shown>
              </To>
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

export function Features({ report }: { report: Report }) {
  const { features, tolerance, vulnerabilities, clientAuthentication } = report;
  if (!features && !tolerance && !vulnerabilities && !clientAuthentication && !report.alpn) return null;
  return (
    <Panel title="Behaviour" id="behaviour">
      <div className="stack">
        <dl className="facts">
          {report.alpn ? (
            <>
              <dt>ALPN</dt>
              <dd>
                <Shown>{report.alpn.accepted.join(', ') || 'none'}</Shown>
              </dd>
            </>
          ) : null}
          {report.sni ? (
            <>
              <dt>unknown name</dt>
              <dd>{report.sni.unknownName.replaceAll('-', ' ')}</dd>
            </>
          ) : null}
          {clientAuthentication ? (
            <>
              <dt>client certificate</dt>
              <dd>
                {clientAuthentication.mode}
                {clientAuthentication.enforcement !== 'none' ? `, enforced by the ${clientAuthentication.enforcement}` : ''}
                {clientAuthentication.authorities.length > 0 ? (
                  <div className="quiet">
                    <Shown>{clientAuthentication.authorities.slice(0, 5).join('; ')}</Shown>
                  </div>
                ) : null}
              </dd>
            </>
          ) : null}
        </dl>
        {vulnerabilities && vulnerabilities.length > 0 ? (
          <section>
            <h3>Known attacks</h3>
            <dl className="facts">
              {vulnerabilities.map((one) => (
                <div key={one.id} style={{ display: 'contents' }} title={one.evidence ?? undefined}>
                  <dt>{one.id}</dt>
                  <dd>
                    <span className={`fact tone-${one.state === 'vulnerable' ? 'critical' : one.state === 'unknown' ? 'unknown' : 'plain'}`}>
                      <Mark shape={one.state === 'vulnerable' ? 'critical' : one.state === 'unknown' ? 'unknown' : one.state === 'not-asked' ? 'dash' : 'ok'} tone={one.state === 'vulnerable' ? 'critical' : one.state === 'unknown' ? 'unknown' : 'plain'} />
                      {one.state.replaceAll('-', ' ')}
                    </span>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ) : null}
        {features ? (
          <details className="more-facts">
            <summary>Extensions and features</summary>
            <Pairs of={features} />
          </details>
        ) : null}
        {tolerance ? (
          <details className="more-facts">
            <summary>Tolerance of unusual hellos</summary>
            <Pairs of={tolerance} />
          </details>
        ) : null}
      </div>
    </Panel>
  );
}

export function Surroundings({ report }: { report: Report }) {
  const parts: [string, object | undefined][] = [
    ['HTTP', report.http],
    ['DNS', report.dns],
    ['QUIC', report.quic],
    ['Timing', report.timing],
  ];
  const present = parts.filter(([, part]) => part !== undefined);
  if (present.length === 0) return null;
  return (
    <Panel title="Around it">
      <div className="stack">
        {present.map(([title, part]) => (
          <section key={title}>
            <h3>{title}</h3>
            <Pairs of={part as Record<string, unknown>} />
          </section>
        ))}
      </div>
    </Panel>
  );
}

export function Coverage({ report }: { report: Report }) {
  const { coverage } = report;
  return (
    <Panel title="What is not known" id="coverage">
      {coverage.length === 0 ? (
        <p className="quiet">Every fact that was asked has a certain answer.</p>
      ) : (
        <dl className="facts">
          {coverage.map((one) => (
            <div key={one.fact} style={{ display: 'contents' }}>
              <dt>
                <Fact state={one.state} />
              </dt>
              <dd>
                <Shown>{factWords(one.fact)}</Shown>
                <div className="quiet">{one.inferred ? 'taken from another name on the same listener, not asked again' : one.reason ? (REASON_WORDS[one.reason] ?? one.reason) : ''}</div>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}
