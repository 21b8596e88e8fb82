/** Writes dashboards/*.json. */
import { mkdir, writeFile } from 'node:fs/promises';
import { estate } from './estate.js';
import { operation } from './operation.js';

const folder = new URL('../dashboards/', import.meta.url);
await mkdir(folder, { recursive: true });
for (const dashboard of [estate.build(), operation.build()]) {
  // the builder leaves them to Grafana; with them a link to a panel stays right
  dashboard.panels?.forEach((panel, index) => {
    panel.id = index + 1;
  });
  await writeFile(new URL(`${dashboard.uid}.json`, folder), `${JSON.stringify(dashboard, null, 2)}\n`);
}
