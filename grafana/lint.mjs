// What a dashboard must have to be of use: node lint.mjs. Prints each fault; exit 1 with any.
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('./dashboards/', import.meta.url);
const faults = [];
const UNITS = new Set(['short', 's', 'ops', 'percentunit', 'bytes']);
let panels = 0;

/** Every query of the dashboards, with where it stands. */
export function queries() {
  const found = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const dashboard = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    for (const variable of dashboard.templating?.list ?? [])
      if (variable.type === 'query') {
        const text = typeof variable.query === 'string' ? variable.query : variable.query.query;
        const labels = /^label_values\((\w+),\s*(\w+)\)$/.exec(text);
        found.push({ where: `${file}: variable ${variable.name}`, expr: labels ? `count by (${labels[2]}) (${labels[1]})` : text });
      }
    const all = (dashboard.panels ?? []).flatMap((panel) => [panel, ...(panel.panels ?? [])]);
    for (const panel of all.filter((one) => one.type !== 'row')) for (const target of panel.targets ?? []) found.push({ where: `${file}: ${panel.title}`, expr: target.expr });
  }
  return found;
}

export function lint() {
  const uids = new Set();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const say = (words) => faults.push(`${file}: ${words}`);
    const dashboard = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    if (!dashboard.uid || uids.has(dashboard.uid)) say(`uid ${dashboard.uid} is absent or doubled`);
    uids.add(dashboard.uid);
    if (!dashboard.title || !dashboard.description) say('no title or no description');
    if (!(dashboard.schemaVersion >= 36)) say(`schemaVersion ${dashboard.schemaVersion} is too old`);
    if (dashboard.id) say('carries the id of some Grafana');
    if (!(dashboard.templating?.list ?? []).some((variable) => variable.type === 'datasource' && variable.query === 'prometheus')) say('no variable for the data source');
    const all = (dashboard.panels ?? []).flatMap((panel) => [panel, ...(panel.panels ?? [])]);
    const ids = new Set();
    const taken = [];
    for (const panel of all) {
      const at = `panel "${panel.title}"`;
      if (!panel.title) say('a panel without a title');
      if (panel.id === undefined || ids.has(panel.id)) say(`${at}: id ${panel.id} is absent or doubled`);
      ids.add(panel.id);
      const box = panel.gridPos;
      if (!box || box.x + box.w > 24) say(`${at} stands outside of the 24 columns`);
      else if (!panel.panels?.length) {
        const over = taken.find((other) => box.x < other.x + other.w && other.x < box.x + box.w && box.y < other.y + other.h && other.y < box.y + box.h);
        if (over) say(`${at} lies over another panel`);
        taken.push(box);
      }
      if (panel.type === 'row') continue;
      panels++;
      if (!panel.description) say(`${at}: no description`);
      if (!UNITS.has(panel.fieldConfig?.defaults?.unit)) say(`${at}: unit ${panel.fieldConfig?.defaults?.unit}`);
      if (panel.datasource?.uid !== '${datasource}') say(`${at}: its data source is fixed`);
      if (!panel.targets?.length) say(`${at}: no query`);
      for (const target of panel.targets ?? []) {
        if (!target.expr) say(`${at}: an empty query`);
        if (target.datasource && target.datasource.uid !== '${datasource}') say(`${at}: a query with a fixed data source`);
        if (/\b(rate|increase|irate)\((?!\w+(\{[^}]*\})?\[\$__rate_interval\])/.test(target.expr)) say(`${at}: rate() without [$__rate_interval]`);
        for (const [, metric] of target.expr.matchAll(/rate\((\w+)/g)) if (!/_(total|bucket|count|sum)$/.test(metric)) say(`${at}: rate() of ${metric}, which is no counter`);
        if (/\b(job|instance)="/.test(target.expr)) say(`${at}: a fixed job or instance`);
      }
    }
  }
  return { faults, panels, dashboards: uids.size };
}

if (process.argv[1]?.endsWith('lint.mjs')) {
  const result = lint();
  result.faults.forEach((fault) => console.log(`fault: ${fault}`));
  console.log(`grafana-lint: ${result.dashboards} dashboards, ${result.panels} panels, ${result.faults.length} faults`);
  process.exit(result.faults.length > 0 || result.panels === 0 ? 1 : 0);
}
