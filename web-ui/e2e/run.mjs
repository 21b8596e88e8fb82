// The journey of a newcomer in a real browser, against a running product:
//   node e2e/run.mjs URL TOKEN HOST:PORT [NAME_TO_SEND]
// Signs in with the token, adds HOST:PORT as a target, watches its scan finish, reads its finding, filters, follows the
// overview's marks, switches the scheme. Without arguments it starts the mock API and goes there.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { browser, signIn } from './browser.mjs';

const SCAN_MILLIS = 60_000;
const shots = process.env.E2E_SHOTS;
let [url, token, target = 'fresh.example:9443', sni] = process.argv.slice(2);
let mock;
if (!url) {
  mock = spawn(process.execPath, [fileURLToPath(new URL('../mock/server.mjs', import.meta.url)), '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  url = String((await once(mock.stdout, 'data'))[0]).trim();
  token = 'mock-token';
}
if (!token) {
  console.error('usage: node e2e/run.mjs URL TOKEN HOST:PORT [NAME]');
  process.exit(2);
}

let passed = 0;
let failed = 0;
const complaints = [];
const chromium = await browser();
const context = await chromium.newContext({ viewport: { width: 1360, height: 900 } });
const page = await context.newPage();
page.setDefaultTimeout(20_000);
page.on('pageerror', (error) => complaints.push(`script error: ${error.message}`));
page.on('console', (message) => {
  // the first question "who am I" is answered 401, which the browser reports by itself
  if (message.type() === 'error' && !/401/.test(message.text())) complaints.push(`console: ${message.text()}`);
});
page.on('request', (request) => {
  if (!request.url().startsWith(url) && !request.url().startsWith('data:')) complaints.push(`asked someone else: ${request.url()}`);
});
page.on('dialog', (dialog) => {
  complaints.push(`a dialog opened: ${dialog.message()}`);
  void dialog.dismiss();
});

async function step(name, action) {
  const began = Date.now();
  try {
    await action();
    passed++;
    console.log(`ok   ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}: ${String(error.message).split('\n').slice(0, 6).join('\n     ')}`);
    if (shots) await page.screenshot({ path: `${shots}/failed-${failed}.png` });
    throw error;
  }
}
const expect = (truth, words) => {
  if (!truth) throw new Error(words);
};

try {
  if (shots) await mkdir(shots, { recursive: true });
  await step('the content policy forbids foreign and inline scripts', async () => {
    const response = await page.goto(url);
    const policy = response.headers()['content-security-policy'] ?? '';
    expect(/default-src 'self'/.test(policy) && /script-src 'self'(;|$)/.test(policy) && !/unsafe-eval/.test(policy), `Content-Security-Policy is ${policy || 'absent'}`);
    expect(response.headers()['x-content-type-options'] === 'nosniff', 'X-Content-Type-Options is not nosniff');
  });
  await step('a wrong token is refused in words', async () => {
    await page.getByRole('textbox', { name: 'Token' }).fill('tf_wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(/not known here/).waitFor();
  });
  await step('the token is exchanged for a cookie that no script can read', async () => {
    await signIn(page, url, token);
    const cookies = await context.cookies(url);
    expect(cookies.length > 0 && cookies.every((cookie) => cookie.httpOnly && cookie.sameSite !== 'None'), `cookies: ${JSON.stringify(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })))}`);
    const kept = await page.evaluate((secret) => document.cookie.includes(secret) || JSON.stringify({ ...localStorage, ...sessionStorage }).includes(secret), token);
    expect(!kept, 'the token lies where a script can read it');
  });
  await step('live updates are open', async () => {
    await page.locator('.live-live').waitFor();
  });
  await step('a target is added in the browser', async () => {
    const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(target) ?? [];
    expect(host && port, `${target} is not HOST:PORT`);
    await page.goto(`${url}/endpoints`);
    await page.getByRole('button', { name: 'Add a target' }).first().click();
    await page.getByRole('textbox', { name: 'Host' }).fill(host);
    await page.getByRole('textbox', { name: 'Port' }).fill(port);
    if (sni) await page.getByRole('textbox', { name: 'Server name' }).fill(sni);
    await page.getByRole('textbox', { name: 'Owner' }).fill('e2e');
    await page.getByRole('button', { name: 'Add and scan' }).click();
    await page.waitForURL(/\/endpoints\/\d+$/);
  });
  await step('its scan finishes while one watches', async () => {
    await page.getByText(/last seen/).waitFor({ timeout: SCAN_MILLIS });
    await page.getByRole('heading', { name: /^Findings/ }).waitFor({ timeout: SCAN_MILLIS });
  });
  await step('its finding can be read: what, what to do, evidence', async () => {
    const card = page.locator('article.finding').first();
    await card.waitFor();
    await card.getByText('To mend it:').waitFor();
    await card.getByText('Evidence, and how to see it yourself').click();
    await card.getByText(/^rule/).waitFor();
    if (shots) await page.screenshot({ path: `${shots}/endpoint.png`, fullPage: true });
  });
  await step('scan now scans again and says when it is done', async () => {
    await page.getByRole('button', { name: 'Scan now' }).click();
    await page.getByText('The scan has finished').waitFor({ timeout: SCAN_MILLIS });
  });
  await step('the finding is acknowledged with a reason, and the reason stands there', async () => {
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('seen by the end-to-end test');
    await dialog.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText(/seen by the end-to-end test/).first().waitFor();
  });
  await step('the list filters, and the address holds the filter', async () => {
    await page.goto(`${url}/endpoints`);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('menuitem', { name: 'owner …' }).click();
    await page.getByRole('textbox', { name: 'owner', exact: true }).fill('e2e');
    await page.keyboard.press('Enter');
    await page.waitForURL(/owner=e2e/);
    await page.waitForFunction(() => {
      const rows = [...document.querySelectorAll('table.data tbody tr')];
      return rows.length > 0 && rows.every((row) => row.textContent.includes('e2e'));
    });
    await page.getByRole('link', { name: target, exact: true }).waitFor();
  });
  await step('/ searches, Enter opens', async () => {
    await page.locator('h1').click();
    await page.keyboard.press('/');
    await page.keyboard.type(target.split(':')[0].slice(0, 20));
    await page.locator('.hits button').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/(endpoints|certificates)\/[0-9a-f]+/);
  });
  await step("the overview's causes lead to their findings", async () => {
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await page.getByRole('heading', { name: 'Needs you today' }).waitFor();
    if (shots) await page.screenshot({ path: `${shots}/overview.png` });
    await page.locator('.cause a').first().click();
    await page.waitForURL(/\/findings\?rule=[^&]+&cause=/);
    await page.locator('article.finding').first().waitFor();
  });
  await step('every page opens, fits a telephone, and shows no failure', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const [endpoint] = await page.evaluate(async (base) => (await (await fetch(`${base}/api/v1/endpoints?limit=1`)).json()).items, url);
    for (const path of ['/', '/endpoints', `/endpoints/${endpoint.id}`, '/certificates', '/findings', '/changes', '/fingerprints', '/clients', '/alerting', '/alerting/receivers', '/alerting/routes', '/alerting/silences', '/alerting/log', '/sites', '/policies', '/settings']) {
      await page.goto(url + path);
      await page.locator('h1').waitFor();
      await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null);
      const failures = await page.locator('.failure').allTextContents();
      expect(failures.length === 0, `${path} shows: ${failures.join('; ')}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide <= 0, `${path} is ${wide} px wider than the window`);
    }
    await page.setViewportSize({ width: 1360, height: 900 });
  });
  await step('dark is one press away', async () => {
    await page.goto(url);
    await page.getByRole('button', { name: 'switch to dark' }).click();
    expect((await page.evaluate(() => getComputedStyle(document.body).backgroundColor)) === 'rgb(18, 24, 30)', 'the ground did not turn dark');
  });
  await step('no script error, no foreign request, no dialog', async () => expect(complaints.length === 0, complaints.join('\n     ')));
  await step('signing out ends the session', async () => {
    await page.getByRole('button', { name: /signed in as/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect((await page.request.get(`${url}/api/v1/summary`)).status() === 401, 'the API still answers without a session');
  });
} catch {
  for (const complaint of complaints) console.log(`     ${complaint}`);
} finally {
  await chromium.close();
  mock?.kill();
}
console.log(`web-ui-e2e: ${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
