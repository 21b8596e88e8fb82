/** The few kinds of panel that the dashboards are made of. Every panel has a title, a sentence, a unit and a query. */
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

export interface About {
  title: string;
  description: string;
  unit: string;
  /** Of 24 columns. */
  width: number;
  height?: number;
  queries: [expr: string, legend: string][];
}

const query = ([expr, legend]: [string, string], instant: boolean, index: number) => {
  const made = new prometheus.DataqueryBuilder().expr(expr).legendFormat(legend).refId(String.fromCharCode(65 + index)).datasource(DATASOURCE);
  return instant ? made.instant() : made.range();
};

const steps = (...values: [from: number | null, colour: string][]) => new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(values.map(([value, color]) => ({ value, color })) as dashboard.Threshold[]);

/** One number. `bad` is where it turns red, `odd` where it turns yellow. */
export function number(about: About & { odd?: number; bad?: number }) {
  const thresholds: [number | null, string][] = [[null, about.odd === undefined && about.bad === undefined ? 'text' : 'green']];
  if (about.odd !== undefined) thresholds.push([about.odd, 'yellow']);
  if (about.bad !== undefined) thresholds.push([about.bad, 'red']);
  const panel = new stat.PanelBuilder()
    .title(about.title)
    .description(about.description)
    .unit(about.unit)
    .datasource(DATASOURCE)
    .span(about.width)
    .height(about.height ?? 4)
    .graphMode(common.BigValueGraphMode.Area)
    .colorMode(common.BigValueColorMode.Value)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(steps(...thresholds));
  about.queries.forEach((one, index) => panel.withTarget(query(one, false, index)));
  return panel;
}

/** Lines over time; stacked where the parts make a whole. */
export function lines(about: About & { stacked?: boolean }) {
  const panel = new timeseries.PanelBuilder()
    .title(about.title)
    .description(about.description)
    .unit(about.unit)
    .datasource(DATASOURCE)
    .span(about.width)
    .height(about.height ?? 8)
    .min(0)
    .lineWidth(2)
    .fillOpacity(about.stacked ? 35 : 8)
    .showPoints(common.VisibilityMode.Never)
    .legend(new common.VizLegendOptionsBuilder().displayMode(common.LegendDisplayMode.List).placement(common.LegendPlacement.Bottom).showLegend(true))
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending));
  if (about.stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  about.queries.forEach((one, index) => panel.withTarget(query(one, false, index)));
  return panel;
}

/** Bars of the latest values. */
export function bars(about: About) {
  const panel = new bargauge.PanelBuilder()
    .title(about.title)
    .description(about.description)
    .unit(about.unit)
    .datasource(DATASOURCE)
    .span(about.width)
    .height(about.height ?? 8)
    .min(0)
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(steps([null, 'blue']));
  about.queries.forEach((one, index) => panel.withTarget(query(one, true, index)));
  return panel;
}

/** A list of endpoints, worst first. */
export function list(about: About & { hide?: string[] }) {
  const panel = new table.PanelBuilder()
    .title(about.title)
    .description(about.description)
    .unit(about.unit)
    .datasource(DATASOURCE)
    .span(about.width)
    .height(about.height ?? 9)
    .withTransformation({ id: 'organize', options: { excludeByName: Object.fromEntries(['Time', '__name__', 'instance', 'job', ...(about.hide ?? [])].map((name) => [name, true])), indexByName: {}, renameByName: {} } });
  about.queries.forEach((one, index) => panel.withTarget(query(one, true, index).format(prometheus.PromQueryFormat.Table)));
  return panel;
}

export function frame(uid: string, title: string, description: string) {
  return new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['tlsfleet', 'tls'])
    .refresh('1m')
    .time({ from: 'now-24h', to: 'now' })
    .timezone('browser')
    .readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .link(new dashboard.DashboardLinkBuilder('tlsfleet').type(dashboard.DashboardLinkType.Dashboards).tags(['tlsfleet']).asDropdown(false))
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
}
