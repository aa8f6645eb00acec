import { isbot } from 'isbot';

/** What is found in the user agent (in small letters) → the name that is counted. First match wins. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/headless|phantomjs|selenium|playwright|puppeteer|cypress/, 'headless browser'],
  [/googlebot|google-inspectiontool|googleother|storebot-google|adsbot-google/, 'google'],
  [/bingbot|bingpreview|msnbot/, 'bing'],
  [/yeti\//, 'naver'],
  [/daum/, 'daum'],
  [/yandex/, 'yandex'],
  [/baiduspider/, 'baidu'],
  [/sogou/, 'sogou'],
  [/duckduckbot/, 'duckduckgo'],
  [/applebot/, 'apple'],
  [/petalbot/, 'petal'],
  [/gptbot|chatgpt-user|oai-searchbot/, 'openai'],
  [/claudebot|claude-user|claude-searchbot|anthropic-ai/, 'anthropic'],
  [/perplexity/, 'perplexity'],
  [/ccbot/, 'common crawl'],
  [/bytespider/, 'bytedance'],
  [/amazonbot/, 'amazon'],
  [/facebookexternalhit|facebookcatalog|meta-externalagent/, 'meta'],
  [/kakaotalk-scrap/, 'kakao'],
  [/twitterbot/, 'x'],
  [/linkedinbot/, 'linkedin'],
  [/slackbot|slack-imgproxy/, 'slack'],
  [/discordbot/, 'discord'],
  [/telegrambot/, 'telegram'],
  [/pinterest/, 'pinterest'],
  [/ahrefs/, 'ahrefs'],
  [/semrush/, 'semrush'],
  [/mj12bot/, 'majestic'],
  [/uptime|pingdom|statuscake|monitor|lighthouse|pagespeed/, 'monitor'],
  [
    /curl|wget|python|aiohttp|scrapy|go-http-client|java|okhttp|axios|node|ruby|perl|php/,
    'library',
  ],
];

/** The name of a bot, of a short list; undefined where it seems to be a person's. */
export function botOf(userAgent: string): string | undefined {
  if (!isbot(userAgent)) return undefined;
  const text = userAgent.toLowerCase();
  return NAMES.find(([pattern]) => pattern.test(text))?.[1] ?? 'other';
}
