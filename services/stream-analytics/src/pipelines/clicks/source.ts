import { NO_HOST } from './page.ts';

/** Where a visitor came from. */
export interface Source {
  /** A domain, `direct` (none was told), `internal` (a page of the same site) or `other`. */
  readonly referrer: string;
  /** utm_source, utm_medium, utm_campaign; empty where there is none. */
  readonly source: string;
  readonly medium: string;
  readonly campaign: string;
}

const MOST_DOMAIN_CHARACTERS = 100;
const MOST_CAMPAIGN_CHARACTERS = 64;

/** @param page undefined where the URL is none of a page. */
export function sourceOf(page: URL | undefined, referrer: string | undefined): Source {
  const campaign = (name: string) => campaignText(page?.searchParams.get(`utm_${name}`) ?? '');
  return {
    referrer: referrerOf(page, referrer?.trim() ?? ''),
    source: campaign('source'),
    medium: campaign('medium'),
    campaign: campaign('campaign'),
  };
}

function referrerOf(page: URL | undefined, referrer: string): string {
  if (referrer === '') return 'direct';
  const url = URL.parse(referrer);
  if (!url || !/^(https?|android-app):$/.test(url.protocol)) return 'other';
  const domain = domainOf(url);
  if (page && page.hostname !== NO_HOST && domain === domainOf(page)) return 'internal';
  return domain === '' || domain.length > MOST_DOMAIN_CHARACTERS ? 'other' : domain;
}

function domainOf({ hostname }: URL): string {
  return hostname
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/\.$/, '');
}

/** What holds an `@` may be somebody's address, and no campaign. */
function campaignText(value: string): string {
  const text = value.normalize('NFC').trim();
  if (text.includes('@')) return 'other';
  // A character of two units is not cut in half.
  return text.slice(0, MOST_CAMPAIGN_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
}
