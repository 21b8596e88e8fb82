/** What was seen when. Choose two points to see what differs between them. */
import { useState } from 'react';
import { useList, useReport } from '../../api/queries';
import type { Change, Endpoint, HistoryItem } from '../../api/shapes';
import { Answer, Empty, Failure, Moment, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { factWords, plural } from '../../parts/words';
import { differences } from './diff';

export function History({ endpoint }: { endpoint: Endpoint }) {
  const history = useList<HistoryItem>(`/endpoints/${endpoint.id}/history`, {}, 50);
  const changes = useList<Change>(`/endpoints/${endpoint.id}/changes`, {}, 50);
  const [chosen, setChosen] = useState<string[]>([]);
  const choose = (id: string) => setChosen((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before.slice(-1), id]));
  return (
    <Panel title="History" id="history" aside={<span className="quiet">choose two points to compare</span>}>
      <Answer of={history} lines={3}>
        {(data) => {
          const points = data.pages.flatMap((page) => page.items).reverse();
          if (points.length === 0) return <Empty title="Nothing was seen yet." />;
          return (
            <div className="timeline" role="group" aria-label="what was seen, oldest first">
              {points.map((point, index) => {
                const id = point.id === null || point.id === undefined ? undefined : String(point.id);
                return (
                  <button key={`${id} ${index}`} type="button" disabled={id === undefined} aria-pressed={id !== undefined && chosen.includes(id)} onClick={() => id && choose(id)} title={`${plural(point.scans, 'scan')} agreed, ${point.outcome}`}>
                    <span className={`dot${(point.changes ?? 0) > 0 ? ' changed' : ''}`} />
                    <Moment at={point.firstSeen} />
                    <span>{(point.changes ?? 0) > 0 ? plural(point.changes ?? 0, 'change') : point.outcome}</span>
                  </button>
                );
              })}
            </div>
          );
        }}
      </Answer>
      {chosen.length === 2 ? <Compared endpoint={endpoint} ids={[...chosen].sort((a, b) => Number(a) - Number(b))} /> : null}
      <Answer of={changes} lines={2}>
        {(data) => {
          const rows = data.pages.flatMap((page) => page.items);
          return rows.length === 0 ? (
            <p className="quiet">No change since the first scan.</p>
          ) : (
            <div className="diff">
              {rows.map((change) => (
                <div key={change.id}>
                  <span>
                    <Shown>{change.title}</Shown>
                    <div className="quiet">
                      <Moment at={change.at} />
                    </div>
                  </span>
                  <Side className="before" value={change.before} />
                  <Side className="after" value={change.after} />
                </div>
              ))}
            </div>
          );
        }}
      </Answer>
    </Panel>
  );
}

export function Side({ className, value }: { className: string; value: unknown }) {
  if (value === null || value === undefined || value === '') return <span />;
  const text = Array.isArray(value) ? value.map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one))).join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return (
    <span className={className}>
      <Shown>{text}</Shown>
    </span>
  );
}

function Compared({ endpoint, ids }: { endpoint: Endpoint; ids: string[] }) {
  const before = useReport(endpoint.id, { observation: ids[0] });
  const after = useReport(endpoint.id, { observation: ids[1] });
  if (before.error || after.error) return <Failure error={before.error ?? after.error} />;
  if (!before.data || !after.data) return <p className="quiet">Comparing …</p>;
  const found = differences(before.data, after.data);
  if (found.length === 0) return <Empty title="These two are the same in every fact." />;
  return (
    <div className="diff" role="group" aria-label="differences">
      <div>
        <strong>{plural(found.length, 'difference')}</strong>
        <Moment at={before.data.scan.startedAt} />
        <Moment at={after.data.scan.startedAt} />
      </div>
      {found.slice(0, 200).map((one) => (
        <div key={one.fact}>
          <Shown>{factWords(one.fact)}</Shown>
          <Side className="before" value={one.before} />
          <Side className="after" value={one.after} />
        </div>
      ))}
    </div>
  );
}
