/** "These 214 answer alike; these 3 with the same owner do not." */
import { useAll } from '../../api/queries';
import type { Cluster } from '../../api/shapes';
import { Answer, Empty, listOf, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { plural } from '../../parts/words';

export function OddOnes({ kind, by }: { kind: string; by: 'owner' | 'site' }) {
  const clusters = useAll<Cluster>('/fingerprints/odd', { kind, by });
  return (
    <Panel title="Odd ones out" id="odd">
      <Answer of={clusters}>
        {(items) =>
          items.length === 0 ? (
            <Empty title="No odd one out.">Wherever at least four servers of one {by} are known, they all answer alike, or there are too many kinds to call one odd.</Empty>
          ) : (
            <div className="stack">
              {items.map((cluster) => (
                <One key={cluster.of} cluster={cluster} by={by} />
              ))}
            </div>
          )
        }
      </Answer>
    </Panel>
  );
}

function One({ cluster, by }: { cluster: Cluster; by: 'owner' | 'site' }) {
  const odd = cluster.total - cluster.alike;
  return (
    <section>
      <p>
        <To to={listOf('/endpoints', { [by]: cluster.of })}>
          <Shown>{cluster.of}</Shown>
        </To>
        : {plural(cluster.alike, 'endpoint')} {cluster.alike === 1 ? 'answers' : 'answer'} alike, {cluster.values[0] ? <Like value={cluster.values[0]} example={cluster.example} /> : null}; <b>{odd}</b> {odd === 1 ? 'does' : 'do'} not:
      </p>
      <ul>
        {cluster.odd.map((one) => (
          <li key={one.id}>
            <To to={`/endpoints/${one.id}`}>
              <Shown>{one.name}</Shown>
            </To>{' '}
            <span className="quiet">
              {one.sharedWith > 1 ? `answers like ${plural(one.sharedWith - 1, 'other')} of the estate` : 'answers like no other'} · <Shown mono>{one.values.join(' ')}</Shown>
            </span>
          </li>
        ))}
        {odd > cluster.odd.length ? <li className="quiet">and {odd - cluster.odd.length} more</li> : null}
      </ul>
    </section>
  );
}

function Like({ value, example }: { value: string; example: string }) {
  return (
    <To to={listOf('/endpoints', { fingerprint: value })}>
      as <Shown>{example}</Shown> does
    </To>
  );
}
