// Every page by its own address, in both themes, on a wide screen and on a phone: readable by everybody, and nothing goes wrong.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFindings, assertNone, DESKTOP, launch, open, overflow, PAGES, PHONE, picture, settled, signIn } from './browser.mjs';
import { eventually, manage, model, providerKey, root } from './settings.mjs';

/** Both widths and both themes. */
const LOOKS = [
  { width: 'wide', viewport: DESKTOP, first: 'light', second: 'dark' },
  { width: 'phone', viewport: PHONE, first: 'dark', second: 'light' },
];

const REQUESTS = 12;
const fileOf = (path) => path.split('/').slice(2).map((part, at) => (at === 0 ? part : 'one')).join('-') || 'overview';

let browser;
let details;

/** A project with traffic of every kind, so that pages have something to show. */
async function traffic() {
  const project = await manage('POST', '/manage/projects', { name: 'Pages', api_key: providerKey() });
  const { token } = await manage('POST', '/manage/tokens', {
    project_id: project.id, duration_minutes: 60, max_requests: 20, max_tokens: 100_000, max_cost_usd: 5 });
  const ids = [];
  for (let asked = 0; asked < REQUESTS; asked++) {
    const answer = await fetch(`${root()}/v1/chat/completions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({
        model: asked % 6 === 5 ? `${model()}+status=500` : model(), messages: [{ role: 'user', content: `question ${asked}` }] }),
    });
    await answer.arrayBuffer();
    ids.push(answer.headers.get('X-Request-ID'));
  }
  await eventually('all requests in the log', async () =>
    (await manage('GET', `/manage/requests?project_id=${project.id}`)).requests.length === REQUESTS);
  const [event] = (await manage('GET', `/manage/audit?request_id=${ids[0]}`)).events;
  return [[`/admin/projects/${project.id}`, 'Pages'], [`/admin/requests/${ids.at(-1)}`, 'Request'], [`/admin/audit/${event.id}`, 'Event']];
}

before(async () => {
  details = await traffic();
  browser = await launch();
});
after(() => browser.close());

/** What of a page differs between themes of one width: rules on colours alone. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

for (const { width, viewport, first, second } of LOOKS) {
  test(`every page shows, ${width}, in both themes`, async () => {
    const { page, context, faults } = await open(browser, { viewport, colorScheme: first });
    await signIn(page);
    const findings = [];
    for (const [path, heading] of [...PAGES, ...details]) {
      await page.goto(path);
      await settled(page, heading);
      const alerts = await page.getByRole('alert').allTextContents();
      findings.push(...alerts.map((text) => `${path} says: ${text.trim()}`));
      const wider = await overflow(page);
      if (wider > 0) findings.push(`${path} is ${wider} pixels wider than the window`);
      findings.push(...(await accessibilityFindings(page)).map((finding) => `${path}: ${finding}`));
      await picture(page, `${fileOf(path)}-${width}-${first}`);
      await page.emulateMedia({ colorScheme: second });
      findings.push(...(await accessibilityFindings(page, COLOURS)).map((finding) => `${path}, ${second}: ${finding}`));
      await picture(page, `${fileOf(path)}-${width}-${second}`);
      await page.emulateMedia({ colorScheme: first });
    }
    await context.close();
    assertNone(findings, 'findings');
    assertNone(faults, 'faults');
  });
}

test('the menu leads to every page, with the keyboard alone', async () => {
  const { page, context, faults } = await open(browser);
  await signIn(page);
  const links = page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link');
  assert.deepEqual((await links.evaluateAll((all) => all.map((link) => new URL(link.href).pathname))).sort(),
    PAGES.map(([path]) => path).sort());
  await page.goto('/admin');
  await settled(page, 'Overview');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
  await links.filter({ hasText: 'Dashboard' }).focus();
  await page.keyboard.press('Enter');
  await settled(page, 'Dashboard');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
  assertNone(faults, 'faults');
  await context.close();
});

test('a page without its server says so and comes back', async () => {
  const { page, context } = await open(browser);
  await signIn(page);
  await page.goto('/admin/providers');
  await settled(page, 'Providers');
  await page.route('**/manage/**', (route) => route.fulfill({
    status: 503, json: { error: 'the audit store does not answer', code: 'service_unavailable' } }));
  await page.getByRole('link', { name: 'Audit', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'the audit store does not answer' }).first().waitFor();
  assertNone(await accessibilityFindings(page), 'findings');
  await page.unroute('**/manage/**');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await page.getByRole('table', { name: 'Events' }).waitFor();
  await context.close();
});

test('what is live asks while it is seen and is silent in the background', async () => {
  const { page, context } = await open(browser);
  await signIn(page);
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().includes('/manage/providers')) asked++;
  });
  await page.clock.install();
  await page.goto('/admin/providers');
  await settled(page, 'Providers');
  const atFirst = asked;
  await page.clock.runFor(5_500);
  await eventually('the second question', () => asked > atFirst);
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const whenHidden = asked;
  await page.clock.runFor(60_000);
  assert.equal(asked, whenHidden);
  await page.evaluate(() => {
    delete document.hidden;
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await eventually('the question on coming back', () => asked > whenHidden);
  await context.close();
});
