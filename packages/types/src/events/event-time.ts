import * as z from 'zod/mini';

const FIRST_INSTANT = Date.parse('0001-01-01T00:00:00Z');
const END = Date.parse('9999-12-31T23:59:59.999Z') + 1;

/**
 * When something happened: RFC 3339 with an offset. Minutes are compared as text of four-digit
 * years, and an offset can push a well-formed time out of them.
 */
export const EventTime = z.iso.datetime({ offset: true }).check(
  z.refine((time) => {
    if (time.endsWith('Z')) return !time.startsWith('0000');
    const instant = Date.parse(time);
    return instant >= FIRST_INSTANT && instant < END;
  }, 'must be of the years 0001 to 9999 in UTC'),
);
