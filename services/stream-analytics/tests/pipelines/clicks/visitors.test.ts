import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visitorOf } from '../../../src/pipelines/clicks/client.ts';
import { CHROME, GOOGLEBOT, IPHONE } from './click-events.ts';

const ANDROID = (device: string, rest: string) =>
  `Mozilla/5.0 (Linux; Android 14; ${device}) AppleWebKit/537.36 (KHTML, like Gecko) ${rest}`;

test.each([
  [CHROME, 'desktop', 'chrome', 'windows'],
  [`${CHROME} Edg/142.0.0.0`, 'desktop', 'edge', 'windows'],
  [CHROME.replace('Safari', 'Whale/3.28.266.14 Safari'), 'desktop', 'whale', 'windows'],
  [
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'desktop',
    'firefox',
    'linux',
  ],
  [IPHONE, 'mobile', 'safari', 'ios'],
  [IPHONE.replace('Version/18.5', 'CriOS/138.0.0.0'), 'mobile', 'chrome', 'ios'],
  [IPHONE.replace('iPhone;', 'iPad;').replace('iPhone OS', 'OS'), 'tablet', 'safari', 'ios'],
  [ANDROID('Pixel 9', 'Chrome/142.0.0.0 Mobile Safari/537.36'), 'mobile', 'chrome', 'android'],
  [
    ANDROID('SM-S921N', 'SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36'),
    'mobile',
    'samsung internet',
    'android',
  ],
  [
    ANDROID(
      'SM-S921N; wv',
      'Version/4.0 Chrome/128.0 Mobile Safari/537.36 NAVER(inapp; search; 2000; 12.8.5)',
    ),
    'mobile',
    'naver',
    'android',
  ],
  [
    ANDROID('SM-S921N; wv', 'Version/4.0 Chrome/128.0 Mobile Safari/537.36;KAKAOTALK 2410940'),
    'mobile',
    'kakaotalk',
    'android',
  ],
  [
    'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/4.0 Chrome/76 TV Safari/537.36',
    'smarttv',
    'samsung internet',
    'tizen',
  ],
  ['MyShop/3.2 (iPhone; iOS 18.0)', 'mobile', 'unknown', 'ios'],
  ['', 'unknown', 'unknown', 'unknown'],
  ['   ', 'unknown', 'unknown', 'unknown'],
  ['한글😀', 'unknown', 'unknown', 'unknown'],
])('%s is %s, %s, %s', (userAgent, device, browser, os) => {
  expect(visitorOf(userAgent)).toEqual({ device, browser, os });
});

test('a visitor who tells no user agent is no bot', () => {
  expect(visitorOf(undefined)).toEqual({ device: 'unknown', browser: 'unknown', os: 'unknown' });
});

test.each([
  [GOOGLEBOT, 'google'],
  ['Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)', 'naver'],
  ['Mozilla/5.0 (compatible; Daum/4.1; +http://cs.daum.net/faq/15/4118.html)', 'daum'],
  [CHROME.replace('Chrome/', 'HeadlessChrome/'), 'headless browser'],
  [
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://openai.com/gptbot',
    'openai',
  ],
  ['facebookexternalhit/1.1', 'meta'],
  ['curl/8.5.0', 'library'],
  ['SomethingNobodyKnowsBot/1.0', 'other'],
])('%s is the bot %s', (userAgent, bot) => {
  expect(visitorOf(userAgent)).toEqual({ bot });
});

test('whatever is sent, what is told of a visitor is of short lists', () => {
  const words = fc.constantFrom(
    'Mozilla/5.0',
    '(',
    ')',
    ';',
    'Linux',
    'Android',
    'Chrome/1',
    'bot',
  );
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1024, size: 'max' }),
    fc.array(words, { maxLength: 100, size: 'max' }).map((all) => all.join(' ').slice(0, 1024)),
    fc.constantFrom('__proto__', 'constructor', 'toString'),
  );
  fc.assert(
    fc.property(hostile, (userAgent) => {
      for (const value of Object.values(visitorOf(userAgent)))
        expect(value).toMatch(/^[a-z ]{1,20}$/);
    }),
    { numRuns: 1000 },
  );
});
