/** Protocols, suites in the server's order, and groups. */
import type { Report } from '../../api/shapes';
import { Fact, Mark } from '../../parts/marks';
import { Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { PROTOCOLS, protocolName } from '../../parts/words';

const WEAK_PROTOCOLS = new Set(['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1']);
const ORDERS: Record<string, string> = { server: "in the server's order", client: "the client's order decides", unknown: 'whose order decides is not known' };

/** What a suite's own name says; the judgement stands with the findings. */
export function suiteNote(name: string): { weak: boolean; text: string } {
  if (/NULL/.test(name)) return { weak: true, text: 'no encryption' };
  if (/_anon_|_ANON_/.test(name)) return { weak: true, text: 'no authentication' };
  if (/EXPORT/.test(name)) return { weak: true, text: 'export strength' };
  if (/RC4|RC2|DES_|_DES/.test(name) && !/3DES/.test(name)) return { weak: true, text: 'broken cipher' };
  if (/3DES/.test(name)) return { weak: true, text: '64-bit blocks' };
  if (/^TLS_(AES|CHACHA20)/.test(name)) return { weak: false, text: 'forward secrecy' };
  if (/^TLS_(ECDHE|DHE)_/.test(name)) return { weak: false, text: /_CBC_/.test(name) ? 'forward secrecy, CBC' : 'forward secrecy' };
  if (/^(TLS|SSL)_(RSA|DH|ECDH)_/.test(name)) return { weak: true, text: 'no forward secrecy' };
  return { weak: false, text: '' };
}

export function Protocols({ report }: { report: Report }) {
  if (!report.protocols) return null;
  const unknown = report.coverage.filter((one) => one.fact.startsWith('/protocols/'));
  return (
    <Panel title="Protocols" id="protocols">
      <div className="protocols">
        {PROTOCOLS.map((protocol) => {
          const state = report.protocols?.[protocol] ?? 'not-asked';
          const weak = WEAK_PROTOCOLS.has(protocol);
          const why = unknown.find((one) => one.fact.endsWith(`/${protocol}`));
          return (
            <div key={protocol} title={why?.reason ?? undefined}>
              <b>{protocolName(protocol)}</b>
              <Fact state={state} tone={state === 'accepted' ? (weak ? 'high' : 'good') : 'plain'} />
            </div>
          );
        })}
      </div>
    </Panel>
  );
}

export function Suites({ report }: { report: Report }) {
  const versions = Object.entries(report.cipherSuites ?? {}).sort(([a], [b]) => b.localeCompare(a));
  if (versions.length === 0) return null;
  return (
    <Panel title="Cipher suites" id="suites">
      <div className="stack">
        {versions.map(([version, offer]) => (
          <section key={version}>
            <h3>
              {protocolName(version)} <span className="quiet">{offer.suites.length > 1 && offer.order ? `· ${ORDERS[offer.order] ?? offer.order}` : ''}{offer.chachaWhenPreferred ? ' · ChaCha20 first for clients that prefer it' : ''}</span>
            </h3>
            <ol className={`suites${offer.order === 'server' ? '' : ' unordered'}`}>
              {offer.suites.map((suite) => {
                const note = suiteNote(suite.name);
                return (
                  <li key={suite.code}>
                    <span>
                      <Shown mono>{suite.name}</Shown> <span className="quiet mono wide-only">{suite.code}</span>
                    </span>
                    <span className={note.weak ? 'severity tone-high' : 'quiet'}>
                      {note.weak ? <Mark shape="high" /> : null}
                      {note.text}
                    </span>
                  </li>
                );
              })}
            </ol>
          </section>
        ))}
      </div>
    </Panel>
  );
}

export function Groups({ report }: { report: Report }) {
  const versions = Object.entries(report.groups ?? {}).sort(([a], [b]) => b.localeCompare(a));
  const dh = report.finiteFieldDh ?? [];
  if (versions.length === 0 && dh.length === 0) return null;
  return (
    <Panel title="Keys and groups" id="groups">
      <dl className="facts">
        {versions.map(([version, offer]) => (
          <div key={version} style={{ display: 'contents' }}>
            <dt>{protocolName(version)}</dt>
            <dd>
              <span className="chips">
                {offer.groups.map((group) => (
                  <span className="chip" key={group.code} title={group.code}>
                    <Shown>{group.name}</Shown>
                    {/MLKEM|Kyber/i.test(group.name) ? ' ★' : ''}
                  </span>
                ))}
              </span>
              {offer.groups.length === 0 ? <span className="quiet">none</span> : null}
              <div className="quiet">
                {offer.groups.length > 1 && offer.order ? (ORDERS[offer.order] ?? '') : ''}
                {offer.helloRetryRequest ? ', asks again when no share fits' : ''}
              </div>
            </dd>
          </div>
        ))}
        {dh.map((one) => (
          <div key={`${one.protocol} ${one.bits}`} style={{ display: 'contents' }}>
            <dt>DH, {protocolName(one.protocol)}</dt>
            <dd>
              {one.bits} bit, <Shown>{one.prime}</Shown>
              {one.shareReused ? ', share used again' : ''}
            </dd>
          </div>
        ))}
        {Object.entries(report.signatureSchemes ?? {}).map(([version, schemes]) => (
          <div key={`s${version}`} style={{ display: 'contents' }}>
            <dt>Signs, {protocolName(version)}</dt>
            <dd>
              <Shown>{schemes.join(', ') || 'none seen'}</Shown>
            </dd>
          </div>
        ))}
      </dl>
      {versions.some(([, offer]) => offer.groups.some((group) => /MLKEM|Kyber/i.test(group.name))) ? <p className="quiet">★ post-quantum hybrid</p> : null}
    </Panel>
  );
}
