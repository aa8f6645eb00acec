import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SampleService, startSampleService } from '../page/sample-service.ts';
import { launchChromium, reasonToSkip } from './chromium.ts';

const skipped = reasonToSkip();
const POLL = { timeout: 30_000, interval: 200 };

/** The words with Korean letters that lie on more than one line. */
const BROKEN_WORDS = `(() => {
  const broken = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    for (const { 0: word, index } of text.data.matchAll(/\\S*\\p{Script=Hangul}\\S*/gu)) {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      const seen = [...range.getClientRects()].filter(({ width }) => width > 0);
      if (new Set(seen.map(({ top }) => Math.round(top))).size > 1) broken.push(word);
    }
  }
  return broken;
})()`;

interface AxeResult {
  readonly passes: readonly unknown[];
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

describe.skipIf(skipped !== undefined)(`the live page${skipped ? ` (${skipped})` : ''}`, () => {
  let browser: Browser;
  let service: SampleService;
  let problems: string[];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    problems = [];
    service = await startSampleService();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await service.stop();
  });

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ locale: 'en-US', ...options });
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('dialog', (dialog) => problems.push(`dialog ${dialog.message()}`));
    page.on('console', (message) => {
      // A content security policy that was broken is told there, too.
      if (message.type() === 'error' && !message.text().includes('ERR_')) {
        problems.push(message.text());
      }
    });
    await page.goto(`${service.cloud.edgeUrl}/_millrace/`);
    return page;
  }

  const verdict = (page: Page) => page.locator('.overview h2').textContent();
  const card = (page: Page) => page.locator('article', { hasText: 'countEvents' });
  const states = (page: Page) => card(page).locator('.shard-state').allTextContents();
  /** Evaluated as the debugger does: the page's own policy would not let it in. */
  const violations = async (page: Page) => {
    await page.evaluate(axe.source);
    const result = await page.evaluate<AxeResult>('axe.run()');
    // Rules that found nothing to look at prove nothing.
    expect(result.passes.length).toBeGreaterThan(15);
    return result.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
    );
  };

  it('says what to do while no service has registered', async () => {
    const page = await open();
    await expect.poll(() => verdict(page), POLL).toBe('No service has registered yet');
    expect(await page.locator('.hint').textContent()).toContain('npm start');
    await service.register();
    await expect.poll(() => verdict(page), POLL).toBe('Everything is at rest');
    expect(problems).toEqual([]);
  });

  it('shows the shard that a poison record holds back, then the dead letter', async () => {
    await service.register();
    const page = await open();
    await service.put('a', 'poison', 'b');
    await expect.poll(() => verdict(page), POLL).toBe('1 mapping is retrying');
    expect(await states(page)).toEqual([expect.stringMatching(/reading · \d failed tr/)]);
    expect(await card(page).locator('.condition').textContent()).toBe('Retrying');
    await expect
      .poll(() => card(page).locator('.destination').textContent(), POLL)
      .toBe('On failure → failures · 1 there now');
    expect(await page.locator('[data-figure=discarded]').textContent()).toBe('2');
    expect(await states(page)).toEqual(['reading']);
    expect(problems).toEqual([]);
  });

  it('shows a split as a tree: the parent that ended, its children reading', async () => {
    await service.register();
    const page = await open();
    await expect.poll(() => states(page), POLL).toEqual(['reading']);
    await service.splitShard();
    await service.put('c', 'd', 'e');
    await expect.poll(() => states(page), POLL).toEqual(['ended', 'reading', 'reading']);
    expect(await card(page).locator('.origin').allTextContents()).toEqual(['', 'from 0', 'from 0']);
    expect(await card(page).locator('.tree path').count()).toBe(2);
    expect(problems).toEqual([]);
  });

  it('speaks Korean to a Korean browser, and the language that was chosen ever after', async () => {
    await service.register();
    const page = await open({ locale: 'ko-KR' });
    await expect.poll(() => verdict(page), POLL).toBe('모두 쉬고 있습니다');
    await service.put('a', 'poison', 'b');
    await expect.poll(() => verdict(page), POLL).toBe('매핑 1개가 재시도 중입니다');
    await page.getByRole('button', { name: 'English' }).click();
    await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('en');
    // By keyboard: the button that took its place has the focus.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('한국어');
    await page.reload();
    await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('en');
    expect(problems).toEqual([]);
  });

  it('breaks no Korean word on a phone, not of the shards that were split either', async () => {
    await service.register();
    const page = await open({ locale: 'ko-KR', viewport: { width: 360, height: 900 } });
    await expect.poll(() => states(page), POLL).toEqual(['읽는 중']);
    await service.splitShard();
    await service.put('c', 'd', 'e');
    await expect.poll(() => states(page), POLL).toEqual(['끝남', '읽는 중', '읽는 중']);
    expect(await page.evaluate<readonly string[]>(BROKEN_WORDS)).toEqual([]);
    // What looks for them finds one that is broken.
    await page.evaluate(
      "for (const { style } of document.querySelectorAll('.origin')) style.width = '1ch'",
    );
    expect(await page.evaluate<readonly string[]>(BROKEN_WORDS)).toEqual(['0에서', '0에서']);
  });

  it('shows names as they are and runs nothing of them', async () => {
    await service.registerHostile();
    const page = await open();
    await expect.poll(() => page.locator('body').textContent(), POLL).toContain('<img src=x');
    expect(await page.locator('main img').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it('says that the cloud is gone, keeps the last picture, and goes on when it is back', async () => {
    await service.register();
    const page = await open();
    await expect.poll(() => verdict(page), POLL).toBe('Everything is at rest');
    await service.interrupt();
    await expect
      .poll(() => page.getByRole('alert').textContent(), POLL)
      .toContain('The local cloud does not answer');
    expect(await card(page).count()).toBe(1);
    await service.resume();
    await expect.poll(() => page.getByRole('alert').isVisible(), POLL).toBe(false);
    expect(await page.locator('.connection').textContent()).toBe('Live');
  });

  it.each([
    ['light', 1280, 'en-US'],
    ['dark', 1280, 'en-US'],
    ['light', 390, 'ko-KR'],
    ['dark', 390, 'ko-KR'],
  ] as const)('is accessible: %s, %i px wide, %s', async (colorScheme, width, locale) => {
    await service.register();
    await service.splitShard();
    const page = await open({ colorScheme, locale, viewport: { width, height: 900 } });
    await service.put('a', 'poison', 'b');
    await expect.poll(() => card(page).getAttribute('data-condition'), POLL).toBe('retrying');
    expect(await violations(page)).toEqual([]);
    const overflow = 'document.documentElement.scrollWidth - innerWidth';
    expect(await page.evaluate<number>(overflow)).toBeLessThanOrEqual(0);
  });
});
