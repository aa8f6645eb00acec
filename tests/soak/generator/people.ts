import type { EventOf } from '@millrace/types';
import type { Seeded } from '../../../services/stream-analytics/tests/known-answers/seeded.ts';
import type { Draw } from './draw.ts';

/** One in so many events is the last of its person for now. */
const LEAVES_AFTER = 8;
const AT_ONCE = 150;
const MOST_KNOWN = 1_500;

/**
 * People who come, do a few things and go; a third of those who come were there before. What is known
 * of them is bounded.
 */
function crowd(prefix: string) {
  const here: string[] = [];
  const known: string[] = [];
  let made = 0;
  const arrives = (chance: Seeded): string => {
    if (known.length > 0 && chance.next() < 0.33) return chance.pick(known);
    made += 1;
    const name = `${prefix}${made}`;
    if (known.length < MOST_KNOWN) known.push(name);
    else known[chance.whole(0, MOST_KNOWN - 1)] = name;
    return name;
  };
  return (chance: Seeded): string => {
    while (here.length < AT_ONCE) here.push(arrives(chance));
    const at = chance.whole(0, AT_ONCE - 1);
    const one = here[at] ?? '';
    if (chance.next() < 1 / LEAVES_AFTER) here[at] = arrives(chance);
    return one;
  };
}

export function activityMaker() {
  const someone = crowd('user-');
  return ({ chance }: Draw): EventOf<'millrace.activity.v1'>['data'] => {
    const userId = someone(chance);
    switch (chance.whole(0, 9)) {
      case 0:
        return { name: 'signed-in', userId, properties: { method: chance.pick(METHODS) } };
      case 1:
        return { name: 'purchase', userId, properties: { payment: 'card', amount: '12.50' } };
      case 2:
        return { name: 'searched', userId, properties: { query: `tea ${chance.whole(1, 300)}` } };
      default:
        return { name: chance.pick(NAMES), userId };
    }
  };
}

const METHODS = ['password', 'google', 'passkey', 'carrier pigeon'];
const NAMES = ['opened', 'view_product', 'view_product', 'add_to_cart', 'begin_checkout'];

export function clickMaker() {
  const someone = crowd('visitor-');
  return ({ chance }: Draw): EventOf<'millrace.click.v1'>['data'] => ({
    visitorId: someone(chance),
    url: `https://shop.example${chance.pick(PAGES)}`,
    userAgent: chance.next() < 0.03 ? BOT : chance.pick(BROWSERS),
    ...(chance.next() < 0.25 && { action: 'click' as const }),
    ...(chance.next() < 0.2 && { referrer: 'https://www.google.com/' }),
  });
}

export const BOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const PAGES = ['/', '/tea', '/cups', '/cart', '/about', '/tea/green', '/tea/black', '/help'];
const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0',
];

export function postMaker() {
  return ({ chance }: Draw): EventOf<'millrace.post.v1'>['data'] => ({
    author: `author-${chance.whole(1, 400)}`,
    text: `${chance.pick(SENTENCES)} #${chance.pick(TAGS)}${chance.next() < 0.2 ? ' @millrace' : ''}`,
    ...(chance.next() < 0.5 && { lang: 'en' }),
  });
}

const TAGS = ['tea', 'coffee', 'water', 'wheel', 'mill'];
const SENTENCES = [
  'The new green tea is wonderful and I love it very much',
  'The delivery was late again and the cup arrived broken, terrible',
  'Today the mill turned all day long and nobody noticed',
  'This is the best coffee that I have had in a long time',
];

export function logMaker() {
  return ({ chance }: Draw): EventOf<'millrace.log.v1'>['data'] => {
    const service = chance.pick(SERVICES);
    const drawn = chance.whole(0, 19);
    if (drawn < 3) return { service, level: 'info', message: 'GET /health 200' };
    if (drawn < 5) return { service, level: 'debug', message: `cache miss ${chance.whole(1, 99)}` };
    if (drawn === 5) return { service, level: 'error', message: 'The payment was refused' };
    if (drawn === 6) return { service, level: 'warn', message: 'The queue grows' };
    return { service, level: 'info', message: 'An order was placed' };
  };
}

const SERVICES = ['shop', 'billing', 'search'];
