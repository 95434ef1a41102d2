// What a person of a platform team does on a day: a project, a token, its use, its end, a rotation, a proof.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { assertNone, launch, open, picture, settled, signIn } from './browser.mjs';
import { eventually, manage, managementToken, model, providerKey, withCookies } from './settings.mjs';

const PROJECT = 'Search team';
const QUESTION = 'Name three rivers of Europe.';

let browser;
let window;
let page;
let token;
let requestId;

before(async () => {
  browser = await launch();
  // 401: before signing in, and the revoked token. 409: the tree is about a second behind.
  window = await open(browser, { expected: [401, 409] });
  ({ page } = window);
});
after(() => browser.close());

const follow = (name) => page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link', { name, exact: true }).click();
const button = (name) => page.getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');

async function ask(question) {
  await page.getByLabel('Token of a project').fill(token);
  await page.getByLabel('Model', { exact: true }).fill(model());
  await page.getByLabel('Message').fill(question);
  await button('Send').click();
}

/** One thing after another: what comes behind a failure is not tried. */
let failed = null;
const step = (name, act) => test(name, async () => {
  assert.equal(failed, null, `not tried, since this failed: ${failed}`);
  try {
    await act();
  } catch (fault) {
    failed = name;
    throw fault;
  }
});

step('a wrong token does not sign in, the management token does', async () => {
  await page.goto('/admin/projects');
  await page.getByLabel('Management token').fill('not-the-management-token');
  await button('Sign in').click();
  await page.getByRole('alert').waitFor();
  await signIn(page);
  const cookies = await window.context.cookies();
  assert.deepEqual(cookies.map(({ name, httpOnly, secure, sameSite }) => ({ name, httpOnly, secure, sameSite })),
    [{ name: '__Host-latticegate', httpOnly: true, secure: true, sameSite: 'Strict' }]);
});

step('makes a project with a provider key', async () => {
  await follow('Projects');
  await settled(page, 'Projects');
  await button('New project').first().click();
  await dialog().getByLabel('Name').fill(PROJECT);
  await dialog().getByLabel('Provider key').fill(providerKey());
  await button('Create project').click();
  await settled(page, PROJECT);
  assert.ok(!(await page.content()).includes(providerKey()), 'the provider key is on the page');
});

step('makes a token, which is shown once', async () => {
  await follow('Tokens');
  await settled(page, 'Tokens');
  await button('New token').first().click();
  await dialog().getByLabel('Project').selectOption({ label: PROJECT });
  await button('Make token').click();
  token = await dialog().locator('.copyable.secret code').textContent();
  assert.match(token, /^sk-[A-Za-z0-9_-]{22}$/);
  await button('I have kept it').click();
  await page.getByRole('table', { name: 'Tokens' }).getByText(PROJECT).waitFor();
  assert.ok(!(await page.content()).includes(token), 'the token is still on the page');
});

step('uses the token in the playground, which streams the answer', async () => {
  await follow('Playground');
  await settled(page, 'Playground');
  await ask(QUESTION);
  const link = page.getByRole('link', { name: 'the request', exact: true });
  await link.waitFor();
  const answer = await page.locator('.turn.assistant .turn-text').textContent();
  assert.ok(answer.trim().length > 0, 'the answer has no text');
  await picture(page, 'person-playground');
  requestId = decodeURIComponent(new URL(await link.getAttribute('href'), page.url()).pathname.split('/').at(-1));
});

step('finds the request with its attempt in the log', async () => {
  await eventually('the request in the log', async () =>
    (await manage('GET', `/manage/requests?request_id=${requestId}`)).requests.length === 1);
  await page.getByRole('link', { name: 'the request', exact: true }).click();
  await settled(page, 'Request');
  await page.getByText(requestId).first().waitFor();
  const attempts = page.getByRole('table', { name: 'Attempts' });
  assert.equal(await attempts.locator('tbody tr').count(), 1);
  await attempts.getByText('success').waitFor();
  await picture(page, 'person-request');
});

step('sees on the dashboard and in analytics what the API counts', async () => {
  for (const [name, heading] of [['Dashboard', 'Dashboard'], ['Analytics', 'Analytics']]) {
    const answered = page.waitForResponse((response) => response.url().includes('/manage/analytics/summary') && response.ok());
    await follow(name);
    const summary = await (await answered).json();
    await settled(page, heading);
    const figures = await page.locator('dl.tiles').first().evaluate((list) => Object.fromEntries([...list.querySelectorAll('.tile')]
      .map((tile) => [tile.querySelector('dt').textContent, Number(tile.querySelector('data').value)])));
    assert.deepEqual(
      { requests: figures.Requests, failed: figures.Failed, in: figures['Tokens in'], out: figures['Tokens out'], cost: figures.Cost },
      { requests: summary.requests, failed: summary.failed, in: summary.tokens_in, out: summary.tokens_out, cost: summary.cost_micro_usd });
    assert.ok(summary.requests >= 1, 'no request was counted');
  }
});

step('revokes the token, which is refused from then on', async () => {
  await follow('Tokens');
  await settled(page, 'Tokens');
  await page.getByRole('row').filter({ hasText: PROJECT }).getByRole('button', { name: 'Revoke' }).click();
  await dialog().getByRole('button', { name: 'Revoke' }).click();
  await dialog().waitFor({ state: 'detached' });
  await follow('Playground');
  await settled(page, 'Playground');
  await ask(QUESTION);
  await page.getByRole('alert').waitFor();
  assert.equal(await page.locator('.turn').count(), 0);
});

step('rotates what encrypts the keys in the vault', async () => {
  await follow('Vault keys');
  await settled(page, 'Vault');
  await button('Rotate DEKs').click();
  await dialog().getByRole('button', { name: 'Rotate the DEKs' }).click();
  await page.getByText('done', { exact: true }).waitFor();
  await picture(page, 'person-vault');
});

step('proves that the revocation is in the log, and keeps the proof', async () => {
  await follow('Audit');
  await settled(page, 'Audit');
  await page.getByText('Search the audit').click();
  await page.getByLabel('Action').fill('token.revoke');
  await button('Apply').click();
  await page.waitForURL(/action=token\.revoke/);
  const events = page.getByRole('table', { name: 'Events' });
  await eventually('the revocation in the audit', async () => {
    await button('Newest').click();
    await settled(page, 'Audit');
    return (await events.locator('tbody tr').count()) === 1;
  });
  await events.locator('tbody tr a').click();
  await settled(page, 'Event');
  await eventually('the proof', async () => {
    await button('Check the proof').click();
    await settled(page, 'Event');
    return page.getByText('Proved: this entry is in the log.').isVisible();
  });
  assert.equal(await page.locator('.proof li').count(), 5);
  const [file] = await Promise.all([page.waitForEvent('download'), button('Download the proof').click()]);
  const kept = JSON.parse(await readFile(await file.path(), 'utf8'));
  assert.deepEqual(Object.keys(kept), ['proof', 'keys']);
  await picture(page, 'person-proof');
});

step('notices when the log is not the one that the browser saw before', async () => {
  await follow('Audit');
  await settled(page, 'Audit');
  const compare = button('Compare with what this browser kept');
  await compare.click();
  await page.getByText(/^Kept: \d+ entries/).waitFor();
  await eventually('the log to grow', async () => {
    await compare.click();
    await settled(page, 'Audit');
    const [, before, now] = /: (\d+) entries then, (\d+) entries now/.exec(await page.locator('main').textContent()) ?? [];
    return Number(now) > Number(before);
  });
  await page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem('latticegate.audit.checkpoint'));
    localStorage.setItem('latticegate.audit.checkpoint', JSON.stringify({ ...kept, root: kept.root.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }));
  });
  await compare.click();
  await page.getByText('the log is not what it was').waitFor();
  await page.goBack();
  await settled(page, 'Event');
});

step('is not shown a proof that a server made up', async () => {
  await page.route('**/proof', async (route) => {
    const answer = await route.fetch();
    const proof = await answer.json();
    const leaf = Buffer.from(proof.leaf_data, 'base64');
    leaf[leaf.length - 1] ^= 1;
    await route.fulfill({ response: answer, json: { ...proof, leaf_data: leaf.toString('base64') } });
  });
  await button('Check the proof').click();
  await page.getByText('Not proved.').waitFor();
  assert.equal(await page.getByText('Proved: this entry is in the log.').count(), 0);
  await page.unroute('**/proof');
});

step('signs out, and the cookie is worth nothing any more', async () => {
  const cookies = await window.context.cookies();
  assert.equal((await withCookies(cookies, '/manage/projects')).status, 200);
  await button('Sign out').click();
  await page.getByLabel('Management token').waitFor();
  assert.equal((await withCookies(cookies, '/manage/projects')).status, 401);
  assert.ok(!(await page.content()).includes(managementToken()), 'the management token is on the page');
});

test('nothing went wrong in the pages meanwhile', () => assertNone(window.faults, 'faults'));
