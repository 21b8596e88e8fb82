/** The chain as it was served: leaf, intermediates, what is missing, and which stores it reaches. */
import { Left, Panel, To } from '../../parts/page';
import type { ChainCertificate, Report, ServedCertificates } from '../../api/shapes';
import { Fact, Mark } from '../../parts/marks';
import { Command } from '../../parts/finding';
import { Shown } from '../../parts/shown';
import { protocolName } from '../../parts/words';

const COMPLETENESS: Record<string, string> = {
  complete: 'the chain is complete',
  'missing-intermediate': 'an intermediate is missing',
  'self-signed': 'self-signed',
  'untrusted-root': 'it ends in a root that no store knows',
  unknown: 'whether it is complete is not known',
};
const STAPLES: Record<string, string> = {
  good: 'good',
  absent: 'none stapled',
  'not-applicable': 'the certificate names no responder',
  revoked: 'says revoked',
  expired: 'expired',
  'not-yet-valid': 'not yet valid',
  'bad-signature': 'bad signature',
  'wrong-certificate': 'for another certificate',
  malformed: 'cannot be read',
  'unknown-certificate': 'the responder does not know it',
};

export function Chains({ report }: { report: Report }) {
  if (!report.certificates) return null;
  return (
    <Panel title={report.certificates.length > 1 ? `Certificates (${report.certificates.length} chains)` : 'Certificate and chain'} id="certificates">
      {report.certificates.length === 0 ? <p className="quiet">No certificate was seen.</p> : null}
      <div className="stack">
        {report.certificates.map((served) => (
          <Served key={`${served.keyType} ${served.chain[0]?.sha256}`} served={served} />
        ))}
      </div>
    </Panel>
  );
}

function commonName(name: string): string {
  return /(?:^|,\s*)CN=((?:\\.|[^,])+)/.exec(name)?.[1] ?? name;
}

function Served({ served }: { served: ServedCertificates }) {
  const { chain, missingIntermediates, trust, hostname, ocspStaple, revocation } = served;
  const last = chain.at(-1);
  const anchors = trust.filter((one) => one.status === 'trusted');
  const rootSent = last !== undefined && chain.length > 1 && last.subject === last.issuer;
  const problems = [...(served.completeness === 'complete' ? [] : [COMPLETENESS[served.completeness] ?? served.completeness]), ...served.order.filter((word) => word !== 'correct').map((word) => word.replaceAll('-', ' '))];
  return (
    <section>
      <p className="quiet" style={{ marginBottom: 8 }}>
        {served.keyType} · served on {served.servedOn.map(protocolName).join(', ')}
        {served.servedWithoutSni === true ? ', also without a server name' : ''}
        {problems.length > 0 ? ` · ${problems.join(', ')}` : ''}
      </p>
      <div className="chain" tabIndex={0} role="list" aria-label="chain, leaf first">
        {chain.map((certificate, index) => (
          <ChainLink key={certificate.sha256} certificate={certificate} role={index === 0 ? 'leaf' : certificate.subject === certificate.issuer ? 'root, sent' : 'intermediate'} arrow={index > 0} />
        ))}
        {missingIntermediates.map((missing) => (
          <Step key={missing.subject} arrow>
            <div className="link missing" role="listitem">
              <div className="role">
                <span>intermediate, not sent</span>
                <Mark shape="high" />
              </div>
              <div className="subject">
                <Shown>{commonName(missing.subject)}</Shown>
              </div>
              <div className="quiet">{missing.fetchedFrom ? `found by ${missing.fetchedFrom}` : 'known from elsewhere'}</div>
            </div>
          </Step>
        ))}
        {!rootSent && last && anchors.length > 0 ? (
          <Step arrow>
            <div className="link anchor" role="listitem">
              <div className="role">
                <span>root, in the stores</span>
                <Mark shape="ok" />
              </div>
              <div className="subject">
                <Shown>{missingIntermediates.length > 0 ? 'trusted root' : commonName(last.issuer)}</Shown>
              </div>
              <div className="quiet">{anchors.map((one) => one.store).join(', ')}</div>
            </div>
          </Step>
        ) : null}
      </div>
      <dl className="facts" style={{ marginTop: 12 }}>
        <dt>Name</dt>
        <dd>
          {hostname === null || hostname.matches === undefined ? (
            <span className="quiet">not judged</span>
          ) : hostname.matches === null ? (
            <span className="quiet">{hostname.reason ? <Shown>{hostname.reason}</Shown> : 'not known'}</span>
          ) : hostname.matches ? (
            <span className="fact tone-good">
              <Mark shape="ok" /> matches <Shown>{hostname.matchedBy}</Shown>
            </span>
          ) : (
            <>
              <Mark shape="unreachable" tone="high" /> does not match{hostname.reason ? <>: <Shown>{hostname.reason}</Shown></> : ''}
            </>
          )}
        </dd>
        <dt>Trust</dt>
        <dd>
          {trust.map((one) => (
            <div key={one.store}>
              <Mark shape={one.status === 'trusted' ? 'ok' : one.status === 'unknown' ? 'unknown' : 'unreachable'} tone={one.status === 'trusted' ? 'good' : one.status === 'unknown' ? 'unknown' : 'high'} /> {one.store}: {one.status}
              {one.reason ? (
                <span className="quiet">
                  {' '}
                  – <Shown>{one.reason}</Shown>
                </span>
              ) : null}
            </div>
          ))}
          {trust.length === 0 ? <span className="quiet">not judged</span> : null}
        </dd>
        <dt>OCSP staple</dt>
        <dd>
          {STAPLES[ocspStaple.status] ?? ocspStaple.status}
          {ocspStaple.nextUpdate ? (
            <span className="quiet">
              {' '}
              · <Left notAfter={ocspStaple.nextUpdate} />
            </span>
          ) : null}
          {ocspStaple.reason ? (
            <span className="quiet">
              {' '}
              · <Shown>{ocspStaple.reason}</Shown>
            </span>
          ) : null}
        </dd>
        <dt>Revocation</dt>
        <dd>
          {revocation.status.replaceAll('-', ' ')}
          {revocation.via ? ` (${revocation.via})` : ''}
        </dd>
      </dl>
      {missingIntermediates.some((missing) => missing.pem) ? (
        <details className="more-facts">
          <summary>The certificates to append</summary>
          <Command text={missingIntermediates.map((missing) => missing.pem).join('\n')} />
        </details>
      ) : null}
    </section>
  );
}

function Step({ arrow, children }: { arrow: boolean; children: React.ReactNode }) {
  return (
    <>
      {arrow ? (
        <span className="arrow" aria-hidden="true">
          →
        </span>
      ) : null}
      {children}
    </>
  );
}

function ChainLink({ certificate, role, arrow }: { certificate: ChainCertificate; role: string; arrow: boolean }) {
  const names = certificate.subjectAltNames;
  return (
    <Step arrow={arrow}>
      <div className="link" role="listitem">
        <div className="role">
          <span>{role}</span>
          {certificate.mustStaple ? <Fact state="must staple" /> : null}
        </div>
        <div className="subject">
          <To to={`/certificates/${certificate.sha256}`}>
            <Shown>{certificate.subject ? commonName(certificate.subject) : (names[0] ?? 'no subject')}</Shown>
          </To>
        </div>
        <div className="quiet">
          <Shown>{`${certificate.keyAlgorithm}${certificate.keyBits ? ` ${certificate.keyBits}` : ''} · ${certificate.signatureAlgorithm}`}</Shown>
        </div>
        <div>
          <Left notAfter={certificate.notAfter} />
        </div>
        {names.length > 0 ? (
          <div className="quiet">
            <Shown>{names.slice(0, 3).join(', ')}</Shown>
            {names.length > 3 ? ` and ${names.length - 3} more` : ''}
          </div>
        ) : null}
      </div>
    </Step>
  );
}
