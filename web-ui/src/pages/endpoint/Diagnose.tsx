/** Why can client X not connect? From what was last seen, in the words of the client's own tool. */
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client';
import type { Diagnosis, Endpoint } from '../../api/shapes';
import { Answer, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';

export function useDiagnosis(endpoint: Endpoint, address?: string) {
  return useQuery({
    queryKey: ['report', String(endpoint.id), 'diagnosis', address ?? ''],
    queryFn: ({ signal }) => api.get<Diagnosis>(`/endpoints/${endpoint.id}/diagnosis`, { address }, signal),
    enabled: endpoint.lastScanAt !== null,
  });
}

const titled = (cause: string) => cause.replaceAll('-', ' ').replace(/\b(tls|tcp|ca|dns|sni|alpn|crl)\b/g, (word) => word.toUpperCase()).replace(/^./, (letter) => letter.toUpperCase());

export function Diagnose({ of }: { of: ReturnType<typeof useDiagnosis> }) {
  return (
    <Panel title="Why can a client not connect?" id="diagnosis">
      <Answer of={of} lines={3}>
        {(diagnosis) =>
          diagnosis.causes.length === 0 ? (
            <p className="quiet">Nothing stands in the way of a present-day client that trusts this site&apos;s stores.</p>
          ) : (
            <div className="stack">
              {diagnosis.causes.map((one) => (
                <article className="finding" key={`${one.cause} ${one.affects}`}>
                  <header>
                    <h3>{titled(one.cause)}</h3>
                    <span className="aside">fails for: {one.affects}</span>
                  </header>
                  <p>
                    <Shown>{one.explanation}</Shown>
                  </p>
                  <p className="remedy">
                    <strong>To mend it: </strong>
                    <Shown>{one.remedy}</Shown>
                  </p>
                  {one.seenAs.length > 0 ? (
                    <details>
                      <summary>What people see</summary>
                      <ul>
                        {one.seenAs.map((words) => (
                          <li key={words}>
                            <code>
                              <Shown>{words}</Shown>
                            </code>
                          </li>
                        ))}
                      </ul>
                    </details>
                  ) : null}
                </article>
              ))}
            </div>
          )
        }
      </Answer>
    </Panel>
  );
}
