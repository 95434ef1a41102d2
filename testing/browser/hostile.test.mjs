// Pages of other origins, in the browser of somebody who is signed in: they can do nothing and learn nothing.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { launch, open, signIn } from './browser.mjs';
import { manage, root, withCookies } from './settings.mjs';

const PROJECT = 'made by a hostile page';

let browser;
let window;
let server;
let session;
let cookies;

before(async () => {
  server = createServer((request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end('<!doctype html><title>hostile</title><body></body>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launch();
  window = await open(browser);
  await signIn(window.page);
  cookies = await window.context.cookies();
  session = await (await withCookies(cookies, '/admin/api/session')).json();
});
after(async () => {
  await browser.close();
  server.close();
});

/** Of another site, and of another port of the same site, where SameSite does not help. */
const ORIGINS = [['another site', 'localhost'], ['another port', '127.0.0.1']];

const projectsMade = async () => (await manage('GET', '/manage/projects')).filter(({ name }) => name === PROJECT).length;

/** What became of a request that left the browser: its status, or that it did not get an answer. */
async function statusOf(page, path, act) {
  const settled = Promise.race([
    page.waitForEvent('response', { predicate: (response) => new URL(response.url()).pathname === path }).then((response) => response.status()),
    page.waitForEvent('requestfailed', { predicate: (request) => new URL(request.url()).pathname === path }).then(() => 'failed'),
  ]);
  await act();
  return settled;
}

for (const [name, host] of ORIGINS) {
  test(`${name}: a form changes nothing`, async () => {
    const page = await window.context.newPage();
    await page.goto(`http://${host}:${server.address().port}/`);
    const status = await statusOf(page, '/manage/projects', () => page.evaluate(([target, project]) => {
      const form = document.createElement('form');
      form.method = 'post';
      form.enctype = 'text/plain';
      form.action = `${target}/manage/projects`;
      const field = document.createElement('input');
      field.name = `{"name":"${project}","api_key":"sk-hostile-0001","x":"`;
      field.value = '"}';
      form.append(field);
      document.body.append(form);
      // After this call has its answer, which leaving the page would take away.
      setTimeout(() => form.submit());
    }, [root(), PROJECT]));
    assert.ok(status === 401 || status === 403, `the form was answered with ${status}`);
    assert.equal(await projectsMade(), 0);
  });

  test(`${name}: a script neither changes nor reads anything`, async () => {
    const page = await window.context.newPage();
    await page.goto(`http://${host}:${server.address().port}/`);
    for (const [method, path] of [['GET', '/manage/projects'], ['POST', '/manage/projects'], ['GET', '/admin/api/session'],
      ['DELETE', '/admin/api/session']]) {
      const outcome = await page.evaluate(async ([target, verb, where, project]) => {
        try {
          const answer = await fetch(target + where, { method: verb, credentials: 'include', mode: 'cors',
            headers: verb === 'GET' ? {} : { 'Content-Type': 'application/json' },
            body: verb === 'POST' ? JSON.stringify({ name: project, api_key: 'sk-hostile-0001' }) : undefined });
          return `read ${answer.status}`;
        } catch {
          return 'nothing';
        }
      }, [root(), method, path, PROJECT]);
      assert.equal(outcome, 'nothing', `${method} ${path}`);
    }
    await page.close();
    assert.equal(await projectsMade(), 0);
    assert.equal((await withCookies(cookies, '/admin/api/session')).status, 200, 'the session was ended');
  });

  test(`${name}: nobody frames the interface`, async () => {
    const page = await window.context.newPage();
    await page.goto(`http://${host}:${server.address().port}/`);
    await page.evaluate((target) => new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.addEventListener('load', resolve);
      frame.src = `${target}/admin/projects`;
      document.body.append(frame);
    }), root());
    for (const frame of page.frames().slice(1)) {
      assert.equal(await frame.locator('#app').count(), 0);
    }
    await page.close();
  });
}

/** What a browser would send with the cookie, one thing wrong at a time. */
const FORGED = [
  ['without the token against forgery', { 'Sec-Fetch-Site': 'same-origin' }, 403],
  ['with a wrong one', { 'Sec-Fetch-Site': 'same-origin', 'X-CSRF-Token': 'a'.repeat(43) }, 403],
  ['from another site', { 'Sec-Fetch-Site': 'cross-site' }, 403, true],
  ['from another port of this site', { 'Sec-Fetch-Site': 'same-site' }, 403, true],
  ['of a foreign origin', { Origin: 'https://hostile.example' }, 403, true],
  ['of no origin', { Origin: 'null' }, 403, true],
];

for (const [name, headers, status, withToken] of FORGED) {
  test(`a change with the cookie ${name} is refused`, async () => {
    const answer = await withCookies(cookies, '/manage/projects', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers, ...(withToken && { 'X-CSRF-Token': session.csrf }) },
      body: JSON.stringify({ name: PROJECT, api_key: 'sk-hostile-0001' }),
    });
    assert.equal(answer.status, status, await answer.text());
    assert.equal(await projectsMade(), 0);
  });
}

test('cookie and bearer token together are refused', async () => {
  const answer = await withCookies(cookies, '/manage/projects', { headers: { Authorization: 'Bearer wrong' } });
  assert.ok([400, 401, 403].includes(answer.status), `answered with ${answer.status}`);
});

test('the interface and its parts say to browsers how to treat them', async () => {
  for (const path of ['/admin', '/admin/requests', '/admin/assets/app.js']) {
    const answer = await fetch(root() + path);
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers.get('X-Content-Type-Options'), 'nosniff', path);
    assert.equal(answer.headers.get('Referrer-Policy'), 'no-referrer', path);
    assert.equal(answer.headers.get('Cross-Origin-Resource-Policy'), 'same-origin', path);
  }
  const policy = (await fetch(`${root()}/admin`)).headers.get('Content-Security-Policy');
  for (const directive of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
    assert.ok(policy.includes(directive), `${directive} in ${policy}`);
  }
  assert.ok(!/unsafe|\*/.test(policy), policy);
});
