/** Where scans come from, and who does them. */
import { useAll, useProgress } from '../../api/queries';
import type { Progress, Site, Worker } from '../../api/shapes';
import { Mark } from '../../parts/marks';
import { Answer, Empty, listOf, Moment, Page, Panel, To, useNow } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { decimal, number, span } from '../../parts/words';

const SILENT_MILLIS = 90_000;

const SITES: Column<Site>[] = [
  {
    id: 'name',
    header: 'Site',
    cell: (row) => (
      <>
        <strong>
          <Shown>{row.name}</Shown>
        </strong>
        <div className="quiet">
          <Shown>{row.description}</Shown>
        </div>
      </>
    ),
  },
  { id: 'rule', header: 'Queries to outsiders', wide: true, cell: (row) => (row.private ? 'kept inside (AIA, OCSP, CRL, CT off)' : 'allowed') },
  { id: 'endpoints', header: 'Endpoints', numeric: true, cell: (row) => <To to={listOf('/endpoints', { site: row.name })}>{number(row.endpoints)}</To> },
  { id: 'workers', header: 'Workers', numeric: true, cell: (row) => (row.workers === 0 && row.endpoints > 0 ? <span className="severity tone-high"><Mark shape="high" /> none</span> : number(row.workers)) },
  { id: 'due', header: 'Due', numeric: true, cell: (row) => number(row.due) },
  { id: 'oldest', header: 'Oldest due for', numeric: true, cell: (row) => (row.due === 0 ? '–' : span(row.oldestDueSeconds * 1000)) },
  { id: 'stale', header: 'Stale', numeric: true, cell: (row) => (row.stale ? <span className="severity tone-high"><Mark shape="high" /> {number(row.stale)}</span> : number(0)) },
  { id: 'paused', header: 'State', cell: (row) => <State site={row} /> },
];

/** A silent site says nothing of its endpoints: what is shown of them is old. */
function State({ site }: { site: Site }) {
  if (site.state !== 'silent') return <>{site.state ?? (site.paused ? 'paused' : 'scanning')}</>;
  return (
    <span className="severity tone-high">
      <Mark shape="high" /> silent{site.lastHeard ? <> since <Moment at={site.lastHeard} /></> : ', no worker was ever heard'}
    </span>
  );
}

function Campaign({ progress }: { progress: Progress }) {
  const share = progress.endpoints === 0 ? 100 : (100 * progress.done) / progress.endpoints;
  return (
    <>
      <span className="track" role="progressbar" aria-valuenow={Math.round(share)} aria-valuemin={0} aria-valuemax={100} aria-label="Scanned in the last day">
        <span className="fill" style={{ display: 'block', width: `${share}%`, background: 'var(--tls-13)' }} />
      </span>
      <p>
        {number(progress.done)} of {number(progress.endpoints)} scanned in the last day · {number(progress.due)} due · {number(progress.underWay)} under way ·{' '}
        {number(progress.failing)} not reached · {decimal(progress.scansPerSecond)}/s ·{' '}
        {progress.etaSeconds === null ? 'time left not known' : progress.etaSeconds === 0 ? 'nothing is waiting' : `${span(progress.etaSeconds * 1000)} left`}
      </p>
    </>
  );
}

function Heard({ at }: { at: string }) {
  const now = useNow();
  const silent = now - Date.parse(at) > SILENT_MILLIS;
  return (
    <span className={silent ? 'severity tone-high' : undefined}>
      {silent ? <Mark shape="high" /> : null}
      <Moment at={at} />
    </span>
  );
}

const WORKERS: Column<Worker>[] = [
  { id: 'id', header: 'Worker', cell: (row) => <Shown mono>{row.id}</Shown> },
  { id: 'site', header: 'Site', cell: (row) => <Shown>{row.site}</Shown> },
  { id: 'seen', header: 'Last heard', cell: (row) => <Heard at={row.lastSeen} /> },
  { id: 'leases', header: 'In hand', numeric: true, cell: (row) => number(row.leasesHeld) },
  { id: 'scans', header: 'Scans', numeric: true, cell: (row) => number(row.scans) },
  { id: 'rate', header: 'Scans/s', numeric: true, cell: (row) => (row.scansPerSecond === undefined ? '–' : decimal(row.scansPerSecond)) },
  { id: 'version', header: 'Version', wide: true, cell: (row) => <Shown>{row.version}</Shown> },
  { id: 'started', header: 'Running since', wide: true, cell: (row) => <Moment at={row.startedAt} /> },
];

export function Sites() {
  const sites = useAll<Site>('/sites');
  const workers = useAll<Worker>('/workers');
  const progress = useProgress();
  return (
    <Page title="Sites and workers" lead="A site is a network zone with workers of its own. What it may reach is decided there, on the address, at the moment of connecting.">
      <div className="stack">
        <Panel title="Progress">
          <Answer of={progress}>{(data) => <Campaign progress={data} />}</Answer>
        </Panel>
        <Panel title="Sites">
          <Answer of={sites}>{(rows) => <DataTable name="sites" columns={SITES} rows={rows} rowKey={(row) => row.name} empty={<Empty title="There is no site." />} />}</Answer>
        </Panel>
        <Panel title="Workers">
          <Answer of={workers}>
            {(rows) => (
              <DataTable
                name="workers"
                columns={WORKERS}
                rows={rows}
                rowKey={(row) => row.id}
                empty={
                  <Empty title="No worker has reported.">
                    <code>tlsfleet worker --database-url URL --site NAME</code>
                  </Empty>
                }
              />
            )}
          </Answer>
        </Panel>
      </div>
    </Page>
  );
}
