// A browser that records everything that went wrong in its pages.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { chromiumPath, managementToken, root, screenshotFile } from './settings.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const DESKTOP = { width: 1280, height: 860 };
export const PHONE = { width: 360, height: 740 };

/** Path and heading. The menu has to lead to each of these; further pages are reached from them. */
export const PAGES = [
  ['/admin', 'Overview'], ['/admin/dashboard', 'Dashboard'], ['/admin/analytics', 'Analytics'],
  ['/admin/requests', 'Requests'], ['/admin/playground', 'Playground'], ['/admin/limits', 'Limits and budgets'],
  ['/admin/cache', 'Cache'], ['/admin/projects', 'Projects'], ['/admin/tokens', 'Tokens'], ['/admin/principals', 'Principals'],
  ['/admin/wallets', 'Wallets'], ['/admin/providers', 'Providers'], ['/admin/models', 'Models and prices'],
  ['/admin/routing', 'Routing'], ['/admin/audit', 'Audit'], ['/admin/alerts', 'Alerts'], ['/admin/vault', 'Vault'],
  ['/admin/compute', 'Encrypted compute'], ['/admin/configuration', 'Configuration'],
];

/** How long anything on a page may take. */
const PATIENCE_MS = 10_000;

/** What the server said, which the browser repeats in its console; the pages show it to the person. */
const STATUS = /^Failed to load resource: the server responded with a status of (\d{3})/;

export const launch = () => chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });

/**
 * A window with nothing in it, and what goes wrong there: violations of the page's policy, faults of scripts, and what the console
 * reports as an error, but for answers with a status in `expected`.
 */
export async function open(browser, { viewport = DESKTOP, colorScheme = 'light', expected = [401] } = {}) {
  const context = await browser.newContext({ baseURL: root(), viewport, colorScheme, reducedMotion: 'reduce', locale: 'en-GB' });
  context.setDefaultTimeout(PATIENCE_MS);
  const faults = [];
  await context.exposeBinding('reportViolation', (_, text) => faults.push(`policy: ${text}`));
  await context.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) =>
    window.reportViolation(`${event.effectiveDirective} refused ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`)));
  const page = await context.newPage();
  page.on('pageerror', (fault) => faults.push(`script: ${fault.stack ?? fault.message}`));
  page.on('console', (message) => {
    const status = Number(STATUS.exec(message.text())?.[1]);
    if (message.type() === 'error' && !expected.includes(status)) faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  return { context, page, faults };
}

/** Signs in with the management token, as a person does. */
export async function signIn(page) {
  await page.goto('/admin');
  await page.getByLabel('Management token').fill(managementToken());
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await settled(page, 'Overview');
}

/** Waits until a page of that heading shows what it asked for. */
export async function settled(page, heading) {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  await page.waitForFunction(() => !document.querySelector('.skeleton, .ghost, main [aria-busy="true"]'));
}

/** Every accessibility finding of the whole document (axe-core, these rules or all but experimental ones), one line each. */
export async function accessibilityFindings(page, rules = null) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(`${AXE}; undefined`);
  return page.evaluate(async (only) => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'], ...(only && { runOnly: only }) });
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) =>
      `${id} (${help}) at ${target.join(' ')}: ${failureSummary.split('\n').slice(1).join('; ').trim()}`));
  }, rules);
}

/** Pixels by which the document is wider than the window; a page that scrolls sideways cannot be read on a phone. */
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

export const picture = (page, name) => page.screenshot({ path: screenshotFile(name), fullPage: true });

export const assertNone = (findings, what) => assert.deepEqual(findings, [], `${what}:\n${findings.join('\n')}`);
