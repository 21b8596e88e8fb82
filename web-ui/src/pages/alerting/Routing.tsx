/** Routes, tried from the top: the first that fits takes the finding, unless it says to go on. */
import { Button } from '@mantine/core';
import { api } from '../../api/client';
import { useAll } from '../../api/queries';
import type { Matcher, Route } from '../../api/shapes';
import { SeverityMark } from '../../parts/marks';
import { Answer, Empty, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { span } from '../../parts/words';
import { refreshRoutes, RouteForm } from './RouteForm';
import { Step } from './Step';
import { Trial } from './Trial';

export function Matchers({ of }: { of?: Matcher[] }) {
  if (!of || of.length === 0) return <span className="quiet">everything</span>;
  return (
    <span className="chips">
      {of.map((matcher) => (
        <span className="chip" key={`${matcher.name} ${matcher.value}`}>
          <Shown>{`${matcher.name} ${matcher.operator ?? '='} ${matcher.value}`}</Shown>
        </span>
      ))}
    </span>
  );
}

const seconds = (value?: number | null) => (value === undefined || value === null ? '–' : span(value * 1000));

const COLUMNS: Column<Route>[] = [
  {
    id: 'what',
    header: 'What',
    cell: (row) => (
      <>
        <Matchers of={row.matchers} />
        {row.minSeverity ? (
          <div>
            from <SeverityMark severity={row.minSeverity} /> up
          </div>
        ) : null}
      </>
    ),
  },
  {
    id: 'to',
    header: 'Goes to',
    cell: (row) => (
      <>
        <Shown>{row.receiver}</Shown>
        {(row.steps ?? []).map((step) => (
          <Step key={`${step.receiverId} ${step.afterSeconds}`} step={step} />
        ))}
        {row.continue ? <div className="quiet">and on to the next route</div> : null}
      </>
    ),
  },
  {
    id: 'when',
    header: 'When',
    wide: true,
    cell: (row) => (
      <>
        {row.afterSeconds ? `after ${seconds(row.afterSeconds)} unacknowledged` : `after ${seconds(row.groupWaitSeconds ?? 30)}`}
        {row.groupBy?.length ? <div className="quiet">{`together by ${row.groupBy.join(', ')}, at most every ${seconds(row.groupIntervalSeconds ?? 300)}`}</div> : null}
        {row.repeatSeconds ? <div className="quiet">{`again every ${seconds(row.repeatSeconds)}`}</div> : null}
        {row.quietHours ? <div className="quiet">{`below ${row.quietHours.below ?? 'high'} not from ${row.quietHours.from} to ${row.quietHours.to} ${row.quietHours.zone ?? 'UTC'}`}</div> : null}
      </>
    ),
  },
  {
    id: 'remove',
    header: '',
    cell: (row) =>
      row.fromFile ? (
        <span className="quiet" title="changed in the file, and applied within seconds">
          from the alerting file
        </span>
      ) : (
        <span className="actions">
          <RouteForm of={row} />
          <Button variant="subtle" color="red" size="compact-sm" onClick={() => void api.remove(`/routes/${row.id}`).then(refreshRoutes)}>
            Remove
          </Button>
        </span>
      ),
  },
];

export function Routing() {
  const routes = useAll<Route>('/routes');
  return (
    <div className="stack">
      <Panel title="Routes" aside={<RouteForm />}>
        <Answer of={routes}>{(rows) => <DataTable name="routes" columns={COLUMNS} rows={rows} rowKey={(row) => String(row.id)} empty={<Empty title="No route yet.">Until there is one, every receiver hears of medium and above.</Empty>} />}</Answer>
      </Panel>
      <Trial routes={routes.data?.length ?? 0} />
    </div>
  );
}
