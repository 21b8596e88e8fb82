// Pictures of every page, light, dark and narrow, for looking at: node e2e/shots.mjs URL TOKEN FOLDER
import { mkdir } from 'node:fs/promises';
import { browser, signIn } from './browser.mjs';

const [url, token, folder = 'target/shots'] = process.argv.slice(2);
const PAGES = { overview: '/', endpoints: '/endpoints', endpoint: '/endpoints/1', certificates: '/certificates', findings: '/findings', each: '/findings?view=each', changes: '/changes', fingerprints: '/fingerprints', clients: '/clients', alerting: '/alerting', alert: '/alerting?alert=1', receivers: '/alerting/receivers', routes: '/alerting/routes', silences: '/alerting/silences', log: '/alerting/log', sites: '/sites', policies: '/policies', settings: '/settings' };
const LOOKS = { light: { width: 1360, height: 900, scheme: 'light' }, dark: { width: 1360, height: 900, scheme: 'dark' }, narrow: { width: 390, height: 844, scheme: 'light' } };

await mkdir(folder, { recursive: true });
const chromium = await browser();
try {
  for (const [look, { width, height, scheme }] of Object.entries(LOOKS)) {
    const context = await chromium.newContext({ viewport: { width, height }, colorScheme: scheme });
    const page = await context.newPage();
    await page.goto(url);
    if (look !== 'dark') await page.screenshot({ path: `${folder}/signin-${look}.png` });
    await signIn(page, url, token);
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(url + path);
      await page.waitForSelector('h1');
      await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null);
      await page.waitForTimeout(250);
      await page.screenshot({ path: `${folder}/${name}-${look}.png`, fullPage: name === 'endpoint' || name === 'overview' });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wide > 0) console.log(`${name} ${look}: ${wide} px wider than the window`);
    }
    await context.close();
  }
} finally {
  await chromium.close();
}
