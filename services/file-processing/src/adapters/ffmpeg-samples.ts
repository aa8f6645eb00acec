/** Gives bytes as 16 bit samples, little endian; a chunk may end within one. */
export function sampleReader(hear: (samples: Int16Array) => void = () => {}) {
  let half: number | undefined;
  return (chunk: Buffer): void => {
    const bytes = half === undefined ? chunk : Buffer.concat([Buffer.from([half]), chunk]);
    half = bytes.length % 2 === 1 ? bytes.at(-1) : undefined;
    const samples = new Int16Array(bytes.length >> 1);
    for (let index = 0; index < samples.length; index += 1) {
      samples[index] = bytes.readInt16LE(index * 2);
    }
    hear(samples);
  };
}
