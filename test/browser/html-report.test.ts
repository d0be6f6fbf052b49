/** The HTML report in a real browser, opened from the file system as a reader would. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { htmlReport } from '../../reports/html/report.js';
import { clean, incomplete, nothingJudged, rich } from '../reports/fixture.js';
import { CHROMIUM, chromiumThere, LAUNCH } from './chromium.js';

if (!chromiumThere) console.warn(`browser tests skipped: no Chromium at ${CHROMIUM}; set CHROMIUM to its path`);

const IN_PAGE = fileURLToPath(new URL('./in-page.js', import.meta.url));
let folder = '';
const FILES = { rich, incomplete, clean, nothingJudged };
type Name = keyof typeof FILES;
const urlOf = (name: Name, hash = ''): string => pathToFileURL(join(folder, `${name}.html`)).href + hash;

describe.skipIf(!chromiumThere)('html report in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flowgap-html-'));
    for (const [name, result] of Object.entries(FILES))
      writeFileSync(join(folder, `${name}.html`), htmlReport.render(result, { colour: false, written: [] }));
    browser = await chromium.launch(LAUNCH);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a report; the returned list fills with everything a clean page never says or asks for. */
  const open = async (
    name: Name,
    hash = '',
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; complaints: string[] }> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(`request: ${request.url()}`);
    });
    await page.addInitScript({ path: IN_PAGE });
    await page.goto(urlOf(name, hash));
    return { page, complaints };
  };

  const shown = (page: Page): Promise<string[]> =>
    page.locator('.flow:not([hidden])').evaluateAll((flows) => flows.map(({ id }) => id));

  test('opens from a file without error, policy violation, dialog or request', async () => {
    for (const name of Object.keys(FILES) as Name[]) {
      const { page, complaints } = await open(name);
      expect(await page.locator('h1').count()).toBe(1);
      expect(complaints).toEqual([]);
    }
  });

  test('an injected script would be stopped: the policy is in force', async () => {
    const { page, complaints } = await open('rich');
    expect(await page.evaluate('inPage.intrude()')).toBe(false);
    expect(complaints.some((text) => text.includes('script-src'))).toBe(true);
  });

  test('filters by text, verdict, device and role, and says how many are left', async () => {
    const { page, complaints } = await open('rich');
    await page.getByLabel('Text').fill('deny-legacy  LDAPS');
    expect(await shown(page)).toEqual(['flow-vault-domain-controllers-ldaps']);
    expect(await page.locator('#shown').textContent()).toBe('1 of 12 requirements shown');
    await page.getByRole('button', { name: 'Clear' }).click();
    expect((await shown(page)).length).toBe(12);
    await page.getByLabel('Verdict').selectOption('partial');
    expect(await shown(page)).toEqual(['flow-vault-windows-hosts-winrm']);
    await page.getByLabel('Verdict').selectOption('');
    await page.getByLabel('Device').selectOption({ label: 'branch' });
    expect(await shown(page)).toEqual(['flow-vault-cloud-443']);
    await page.getByLabel('Device').selectOption('');
    await page.getByLabel('Role').selectOption({ label: 'Guests' });
    expect(await shown(page)).toEqual(['flow-guests-domain-controllers']);
    expect(complaints).toEqual([]);
  });

  test('verdict counts and matrix cells lead to their flows', async () => {
    const { page } = await open('rich');
    await page.locator('a[data-pick-status="reachable"]').click();
    expect(await shown(page)).toEqual(['flow-relay-admin-port']);
    await page.getByRole('link', { name: 'Vault server to Domain controllers: 1 blocked, 2 conditional, 1 met' }).click();
    expect((await shown(page)).length).toBe(4);
    await page.locator('#filter-pair').click();
    expect((await shown(page)).length).toBe(12);
  });

  test('a deep link opens its flow, also when a filter hides it; a card leads to its evidence', async () => {
    const { page } = await open('rich', '#flow-vault-remote-relay-6520');
    const flow = page.locator('#flow-vault-remote-relay-6520');
    expect(await flow.getAttribute('open')).not.toBeNull();
    await page.getByLabel('Verdict').selectOption('met');
    expect(await flow.isVisible()).toBe(false);
    await page.locator('.question a[href="#flow-vault-remote-relay-6520"]').click();
    expect(await flow.isVisible()).toBe(true);
    await page
      .locator('.card')
      .first()
      .getByRole('link', { name: /All evidence/ })
      .click();
    const evidence = page.locator('#flow-vault-domain-controllers-ldaps .body');
    expect(await evidence.isVisible()).toBe(true);
    expect(await evidence.locator('pre').first().textContent()).toContain('<entry name="deny-legacy-dirs">');
  });

  test('keyboard alone: skip link first, a flow opens with Enter', async () => {
    const { page } = await open('rich');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('inPage.focused()')).toBe('Skip to the report');
    await page.locator('.flow > summary').nth(2).focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.flow').nth(2).getAttribute('open')).not.toBeNull();
  });

  test('360 px: nothing scrolls sideways, folded or unfolded', async () => {
    for (const name of Object.keys(FILES) as Name[]) {
      const { page } = await open(name, '', { viewport: { width: 360, height: 740 } });
      expect(await page.evaluate('inPage.overflow()')).toBeLessThanOrEqual(0);
      await page.evaluate('inPage.unfold()');
      expect(await page.evaluate('inPage.overflow()')).toBeLessThanOrEqual(0);
    }
  });

  test('dark mode is dark, and text keeps its contrast in both', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open('rich', '', { colorScheme });
      await page.evaluate('inPage.unfold()');
      const paper = Number(await page.evaluate('inPage.paper()'));
      expect(colorScheme === 'dark' ? paper < 0.05 : paper > 0.8).toBe(true);
      expect(await page.evaluate('inPage.faint()')).toEqual([]);
    }
  });

  test('prints folded details as if they were unfolded, and leaves them folded', async () => {
    const pages = (pdf: Buffer): number => pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
    const { page } = await open('rich');
    const folded = await page.pdf({ format: 'A4' });
    expect(folded.subarray(0, 5).toString()).toBe('%PDF-');
    expect(await page.locator('.flow[open]').count()).toBe(0);
    await page.evaluate('inPage.unfold("details:not(.opening, .wide, .lines)")');
    expect(pages(await page.pdf({ format: 'A4' }))).toBe(pages(folded));
  });

  test('prints unfolded without script, too', async () => {
    const { page } = await open('rich', '', { javaScriptEnabled: false });
    const height = async (): Promise<number> => (await page.locator('.flow .body').first().boundingBox())?.height ?? 0;
    expect(await height()).toBe(0);
    await page.emulateMedia({ media: 'print' });
    expect(await height()).toBeGreaterThan(100);
  });

  test('without script everything is there, and no dead filter stands in the way', async () => {
    const { page } = await open('rich', '', { javaScriptEnabled: false });
    expect(await page.locator('.filters').isVisible()).toBe(false);
    expect(await page.locator('.flow').count()).toBe(12);
  });
});
