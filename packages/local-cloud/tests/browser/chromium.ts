import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** `CHROMIUM_PATH`, or where Debian and its kin put it. */
function findChromium(): string | undefined {
  const places = [
    process.env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  return places.find((place) => place !== undefined && place !== '' && existsSync(place));
}

/**
 * Why the browser tests cannot run here, or undefined. Where everything has to be tested (`CI`) they
 * are never skipped: there a missing browser fails them.
 */
export function reasonToSkip(): string | undefined {
  if (findChromium() || process.env.CI) return undefined;
  return 'no Chromium: "bash scripts/install-tools.sh" installs it, or CHROMIUM_PATH names one';
}

export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error('There is no Chromium: run "bash scripts/install-tools.sh".');
  }
  return chromium.launch({
    executablePath,
    // Only our own pages are opened; a sandbox cannot be had as root.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
