// What a browser has of every page, written down for a scan: answers, document, fields, storage. Further settings:
//
//   LG_PAGES    further paths, divided by spaces
//   LG_KEPT     folder for what each page has
//   LG_COOKIES  file for the cookies, which no page may have
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { assertNone, launch, open, PAGES, settled, signIn } from './browser.mjs';

const TABS = 4;
const folder = process.env.LG_KEPT;
const paths = [...PAGES.map(([path]) => path), ...(process.env.LG_PAGES ?? '').split(' ').filter((path) => path !== '')];

let browser;

before(async () => {
  browser = await launch();
});
after(() => browser.close());

const held = (page) => page.evaluate(() => ({
  address: location.href,
  document: document.documentElement.outerHTML,
  fields: [...document.querySelectorAll('input, textarea, select')].map((field) => field.value),
  cookies: document.cookie,
  storage: [{ ...localStorage }, { ...sessionStorage }],
}));

/** Keeps the body of every answer that the page gets; the one with the session's CSRF token too, which is no secret to it. */
function answersOf(page) {
  const answers = [];
  page.on('response', (response) => answers.push(response.text().then(
    (text) => ({ url: response.url(), text }),
    () => ({ url: response.url(), text: 'no body' }))));
  return answers;
}

test('every page is written down', async () => {
  const { page, context, faults } = await open(browser);
  await signIn(page);
  writeFileSync(process.env.LG_COOKIES, JSON.stringify((await context.cookies()).map(({ value }) => value)));
  const waiting = paths.map((path, place) => [path, place]);
  const tabs = await Promise.all(Array.from({ length: TABS }, () => context.newPage()));
  await Promise.all(tabs.map(async (tab) => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [path, place] = next;
      const answers = answersOf(tab);
      await tab.goto(path);
      await settled(tab, /./);
      assert.equal(new URL(tab.url()).pathname, path);
      writeFileSync(`${folder}/${String(place).padStart(2, '0')}.json`,
        JSON.stringify({ ...(await held(tab)), answers: await Promise.all(answers) }));
      tab.removeAllListeners('response');
    }
  }));
  await context.close();
  assertNone(faults, 'faults');
});
