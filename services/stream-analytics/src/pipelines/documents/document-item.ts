import { hash } from 'node:crypto';
import { type DocumentItem, EVENT_HORIZON } from '@millrace/types';
import { languageOf, UNKNOWN_LANGUAGE } from '../posts/language.ts';
import type { DocumentEvent } from './document-event.ts';

/** Of the text, as much as is enough to tell its language. */
const LANGUAGE_SAMPLE = 400;

/** A tombstone stays as long as an event that is older may still arrive, and be delivered again. */
const DELIVERY_MS = 14 * 86_400_000;

export function documentItemFrom(event: DocumentEvent, tenant: string): DocumentItem {
  const { documentId, deleted, title = '', text = '', url, lang, version } = event.data;
  const updatedAt = new Date(event.time).toISOString();
  const identity = { tenant, documentId, order: documentOrder(event), updatedAt };
  if (deleted) {
    const end = Date.parse(updatedAt) + EVENT_HORIZON.pastMs + DELIVERY_MS;
    return { ...identity, deleted, expiresAt: Math.ceil(end / 1000) };
  }
  const language = languageOf(`${title}\n${text.slice(0, LANGUAGE_SAMPLE)}`, lang);
  return {
    ...identity,
    // DynamoDB keeps no half characters.
    title: title.toWellFormed(),
    text: text.toWellFormed(),
    ...(url !== undefined && { url: url.toWellFormed() }),
    ...(language !== UNKNOWN_LANGUAGE && { language }),
    ...(version !== undefined && { version: version.toWellFormed() }),
  };
}

/** Seconds from the year 1, the first that an event's time may have, to 1970. */
const SECONDS_BEFORE_1970 = 62_135_596_800;

/**
 * Which of a document's events is the newest, as text of one length: by event time to the nanosecond,
 * then by a digest of source and id, so that two events of one moment have the same order everywhere.
 */
export function documentOrder({ time, source, id }: DocumentEvent): string {
  const seconds = BigInt(Math.floor(Date.parse(time) / 1000) + SECONDS_BEFORE_1970);
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  const nanoseconds = BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  const instant = seconds * 1_000_000_000n + nanoseconds;
  const digest = hash('sha256', JSON.stringify([source, id]), 'hex').slice(0, 24);
  return `${instant.toString(16).padStart(18, '0')}${digest}`.toUpperCase();
}
