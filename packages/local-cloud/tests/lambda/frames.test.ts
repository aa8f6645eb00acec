import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFrameReader, encodeFrame } from '../../src/lambda/channel/frames.ts';

it('frames arrive whole and in order, whatever pieces they come in', () => {
  const message = fc.record({ head: fc.dictionary(fc.string(), fc.string()), body: fc.string() });
  const cuts = fc.array(fc.nat(5_000), { maxLength: 30 });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), cuts, (messages, borders) => {
      const bytes = Buffer.concat(messages.map(({ head, body }) => encodeFrame(head, body)));
      const received: unknown[] = [];
      const read = createFrameReader((head, body) => received.push({ head, body }));
      const sorted = [...borders, bytes.length].sort((a, b) => a - b);
      let from = 0;
      for (const to of sorted) {
        if (to > from) read(bytes.subarray(from, to));
        from = Math.max(from, to);
      }
      // A lone half of a surrogate pair is no UTF-8, as in any JSON on the wire.
      expect(received).toEqual(
        messages.map(({ head, body }) => ({ head, body: Buffer.from(body).toString() })),
      );
    }),
  );
});
