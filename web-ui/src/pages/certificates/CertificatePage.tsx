/** One certificate: what it says, and everyone who serves it. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { api } from '../../api/client';
import type { CertificateDetail } from '../../api/shapes';
import { Command } from '../../parts/finding';
import { Answer, Empty, Left, Moment, Page, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { StageMark } from './Certificates';

export function CertificatePage() {
  const { sha256 = '' } = useParams();
  const asked = useQuery({ queryKey: ['certificate', sha256], queryFn: ({ signal }) => api.get<CertificateDetail>(`/certificates/${encodeURIComponent(sha256)}`, undefined, signal) });
  const title = asked.data?.subject || asked.data?.names[0] || 'Certificate';
  return (
    <Page title={title} shown={<Shown>{title}</Shown>} lead={<Shown mono>{sha256}</Shown>}>
      <Answer of={asked}>
        {(one) => (
          <div className="endpoint-grid">
            <div className="stack">
              <Panel title={`Served by ${one.servedBy.length}`}>
                {one.servedBy.length === 0 ? (
                  <Empty title="No endpoint serves it now." />
                ) : (
                  <table className="data">
                    <thead>
                      <tr>
                        <th scope="col">endpoint</th>
                        <th scope="col">owner</th>
                        <th scope="col">place in the chain</th>
                        <th scope="col">last scan</th>
                      </tr>
                    </thead>
                    <tbody>
                      {one.servedBy.map((by) => (
                        <tr key={by.id}>
                          <td>
                            <To to={`/endpoints/${by.id}`}>
                              <Shown>{by.name}</Shown>
                            </To>
                          </td>
                          <td>
                            <Shown>{by.owner ?? '–'}</Shown>
                          </td>
                          <td>{by.position === 0 ? 'leaf' : `number ${by.position + 1}`}</td>
                          <td>
                            <Moment at={by.lastScanAt} />
                          </td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                )}
              </Panel>
              <Panel title="PEM">
                <Command text={one.pem} />
              </Panel>
            </div>
            <Panel title="What it says">
              <dl className="facts">
                <dt>stage</dt>
                <dd>
                  <StageMark stage={one.stage} /> · <Left notAfter={one.notAfter} />
                </dd>
                <dt>subject</dt>
                <dd>
                  <Shown>{one.subject}</Shown>
                </dd>
                <dt>issuer</dt>
                <dd>
                  <Shown>{one.issuer}</Shown>
                </dd>
                <dt>names</dt>
                <dd>
                  {one.names.slice(0, 60).map((name) => (
                    <div key={name}>
                      <Shown>{name}</Shown>
                    </div>
                  ))}
                  {one.names.length > 60 ? <div className="quiet">and {one.names.length - 60} more</div> : null}
                </dd>
                <dt>valid</dt>
                <dd>
                  {one.notBefore ?? '–'} to {one.notAfter ?? '–'}
                </dd>
                <dt>key</dt>
                <dd>
                  <Shown>{`${one.keyAlgorithm ?? '–'} ${one.keyBits ?? ''}`}</Shown>
                </dd>
                <dt>signed with</dt>
                <dd>
                  <Shown>{one.signatureAlgorithm ?? '–'}</Shown>
                </dd>
                <dt>serial</dt>
                <dd>
                  <Shown mono>{one.serialNumber ?? '–'}</Shown>
                </dd>
                <dt>SPKI SHA-256</dt>
                <dd>
                  <Shown mono>{one.spkiSha256 ?? '–'}</Shown>
                </dd>
              </dl>
            </Panel>
          </div>
        )}
      </Answer>
    </Page>
  );
}
